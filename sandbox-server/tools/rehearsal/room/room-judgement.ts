/** What is said of a rehearsed room: the figures that its people would notice, whether anybody or anything was lost, whether looking was ever secret. */
import { bearable, type Judgement, type Line, timed } from '../class/judgement.ts';
import type { RoomReport } from './room-play.ts';

/** Limits of what a room bears besides those of a class, ms. */
export const roomBearable = { told: 2000, followed: 1000, grid: 1000, back: 5000 } as const;

/** Holds what was seen against what is bearable. */
export function judgeRoom({ learners, ledger, green, lost, secret, looked, logged, killed, ...staff }: RoomReport): Judgement {
	const { count, failures } = ledger;
	const lines: Line[] = [
		all('learners who came in by the code and got a prompt', ledger.starts.length, learners),
		timed('from the code to the prompt', ledger.starts, bearable.start),
		timed('end of a command to its green step', ledger.verdicts, bearable.verdict),
		timed('green step to the trainer’s grid', ledger.grid, roomBearable.grid),
		timed('key to echo', ledger.echoes, bearable.echo),
		timed('what trainers say or ask for, to each page', ledger.told, roomBearable.told),
		timed('a line of the trainer’s terminal, to each who follows', ledger.followed, roomBearable.followed),
		all('answers to the minute card', count.answered, learners),
		all('hands that were taken and helped', count.helped, count.taken),
		{ what: 'looks asked for', seen: `${count.asked}: ${count.yes} yes, ${count.no} no`, limit: '–', ok: true },
		all('second yes, and what was typed came', count.arrived, count.typed),
		all('tried without leave or role, and refused', count.refused, count.tried),
		none('seen or typed in secret', secret),
		all('looks that the person finds in their log', logged, looked),
		all('who left and came back to what they had', count.returned, count.left),
		...(killed
			? [
					all('pages that came back after the server was killed', ledger.back.length, learners),
					timed('until they were back', ledger.back, roomBearable.back),
				]
			: []),
		{ what: 'green steps lost on the grid or in the results', seen: `${lost} of ${green}`, limit: 'none', ok: lost === 0 },
		none('failures', failures.length),
	];
	const bad = lines.filter(({ ok }) => !ok);
	const holds = bad.length === 0;
	const people = `a room of ${staff.trainers} trainers, ${staff.helpers} helpers and ${learners} learners`;
	const short = bad.map(({ what, seen, limit }) => `${what}: ${seen} (bearable: ${limit})`).join('; ');
	const sentence = holds
		? `This machine holds ${people}: nobody was lost, nothing was secret.`
		: `This machine does not hold ${people}: ${short}.`;
	return { holds, lines, sentence };
}

const all = (what: string, seen: number, of: number): Line => ({ what, seen: `${seen} of ${of}`, limit: 'all', ok: seen === of });
const none = (what: string, seen: number): Line => ({ what, seen: String(seen), limit: 'none', ok: seen === 0 });
