/**
 * How long something took, as people write it in both languages: "1 h 05 min", "12 min". What is there is at least a minute.
 * @param ms of 0 or more
 */
export function durationText(ms: number): string {
	const minutes = ms > 0 ? Math.max(1, Math.round(ms / 60_000)) : 0;
	const hours = Math.floor(minutes / 60);
	if (hours === 0) return `${minutes}\u00a0min`;
	return `${hours}\u00a0h\u00a0${String(minutes % 60).padStart(2, '0')}\u00a0min`;
}

/**
 * How long something is thought to take, from an hour on no closer than ten minutes: "25 min", "8 h 20 min", "3 h".
 * @param minutes of 0 or more
 */
export function estimateText(minutes: number): string {
	const rounded = minutes < 60 ? minutes : Math.round(minutes / 10) * 10;
	return rounded > 0 && rounded % 60 === 0 ? `${rounded / 60}\u00a0h` : durationText(60_000 * rounded);
}
