import { z } from 'zod';

/** What the AppConfig agent (a Lambda extension) and its functions agree on. Whoever runs the agent sets it; the template need not. */
export const AgentConfig = z.object({
  AWS_APPCONFIG_EXTENSION_HTTP_PORT: z.coerce.number().int().min(1).max(65_535).default(2772),
});
