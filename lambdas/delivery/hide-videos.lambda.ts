import { parseConfig } from '../config.ts';
import { DataApi } from '../data-api/data-api.ts';
import { DatabaseConfig } from '../data-api/database-config.ts';
import { step } from '../step.ts';
import { EdgeConfig } from './edge-config.ts';
import { EdgeStore } from './edge-store.ts';
import { HideVideosInput, hideVideos } from './hide-videos.ts';

const config = parseConfig(DatabaseConfig.extend(EdgeConfig.shape), process.env);
const dependencies = { db: DataApi.connect(config), store: EdgeStore.connect(config.KEY_VALUE_STORE_ARN) };

export const handler = step(HideVideosInput, () => hideVideos(dependencies));
