/** A learner's time zone, as their browser names it. */

/**
 * The zone for images that have no table of time zones: its distance from UTC at `now`, as POSIX writes it ("<+0530>-5:30", east is less).
 * @param zone a name of the IANA table; one that this server does not know counts as UTC
 */
export function zoneOffset(zone: string, now: Date): string {
	const minutes = minutesEast(zone, now);
	const two = (value: number) => String(Math.floor(value)).padStart(2, '0');
	const size = Math.abs(minutes);
	const sign = minutes < 0 ? '-' : '+';
	return `<${sign}${two(size / 60)}${two(size % 60)}>${minutes < 0 ? '' : '-'}${Math.floor(size / 60)}:${two(size % 60)}`;
}

function minutesEast(zone: string, now: Date): number {
	try {
		const parts = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' }).formatToParts(now);
		const [, sign = '+', hours = '0', minutes = '0'] =
			/GMT(?:([+-])(\d\d):(\d\d))?/.exec(parts.find(({ type }) => type === 'timeZoneName')?.value ?? '') ?? [];
		return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
	} catch (error) {
		if (error instanceof RangeError) return 0;
		throw error;
	}
}
