/** ISO 8601 in UTC, as JavaScript writes it. */
export const iso = (instant: string) => `to_char((${instant}) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
