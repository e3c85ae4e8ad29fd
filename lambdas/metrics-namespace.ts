/** Of CloudWatch. One per environment: several share an account, and the alarms of one are not to count what another writes. */
export function metricsNamespace(environment: string): string {
  return `VideoPick/${environment}/Migration`;
}
