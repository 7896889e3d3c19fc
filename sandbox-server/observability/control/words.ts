/** The status of a server as plain text, for `./etabli status` and `./etabli pool`. */
import type { ControlStatus } from './control.ts';

const minute = 60_000;

/** @param now ms since 1970 */
export function statusText(status: ControlStatus, now: number): string {
	const taken = status.labs.filter(({ phase }) => phase !== 'queued').length;
	const ready = status.pools.reduce((sum, pool) => sum + pool.ready, 0);
	const lines = [
		`Engine     ${status.engine ? 'answers' : 'DOES NOT ANSWER'}`,
		`Sandboxes  ${taken} of learners, ${ready} ready ahead, room for ${status.capacity}`,
		...(status.stuck > 0 ? [`Stuck      ${status.stuck} that the engine cannot end, each in its place until it is gone`] : []),
		`Queue      ${status.queue}`,
		`Pages      ${status.connections}, with ${status.terminals} terminals`,
		`Homes      ${status.homes.count} kept, ${room(status.homes)}`,
		`Downloads  ${room(status.archives)}`,
		`Registry   ${room(status.registry)}`,
	];
	const rows = status.pools.map(({ course, ready: there, wanted, version = '' }) => [course, there, wanted, version]);
	const pools = table([['course', 'ready', 'wanted', 'version'], ...rows]);
	const labs = status.labs.map(({ learner, course, phase, pages, since, ends }) => [
		learner,
		course,
		phase === 'live' ? 'has one' : phase,
		pages,
		since === undefined ? '' : `${Math.round((now - since) / minute)} min`,
		ends === undefined ? '' : `${Math.max(0, Math.round((ends - now) / minute))} min`,
	]);
	const learners = labs.length === 0 ? '' : `\n${table([['learner', 'course', 'sandbox', 'pages', 'for', 'ends in'], ...labs])}`;
	return `${lines.join('\n')}\n\n${pools}${learners}`;
}

/** "1.0 MiB of 40.0 GiB (92 % full)": how full is said when it is nearly so. */
function room({ bytes, most }: { bytes: number; most: number }): string {
	const part = most > 0 ? bytes / most : 0;
	const full = part > 0.8 ? ` (${Math.round(100 * part)} % full)` : '';
	return `${(bytes / 2 ** 20).toFixed(1)} MiB of ${(most / 2 ** 30).toFixed(1)} GiB${full}`;
}

function table(rows: (string | number)[][]): string {
	const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => String(row[column]).length)));
	return rows
		.map(
			(row) =>
				`${row
					.map((cell, column) => String(cell).padEnd(widths[column] ?? 0))
					.join('  ')
					.trimEnd()}\n`,
		)
		.join('');
}

/** "08:50" → the next such moment after `now`, ms since 1970; undefined when it is no time of day. */
export function nextTime(text: string, now: number): number | undefined {
	const [, hours, minutes] = /^([01]?\d|2[0-3]):([0-5]\d)$/.exec(text) ?? [];
	if (hours === undefined) return undefined;
	const time = new Date(now);
	time.setHours(Number(hours), Number(minutes), 0, 0);
	if (time.getTime() <= now) time.setDate(time.getDate() + 1);
	return time.getTime();
}
