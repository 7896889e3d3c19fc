/** What a rehearsed class says of tomorrow's: the figures that a learner would notice, and one sentence. */
import { percentile } from '../../benchmarks/statistics.ts';
import type { ClusterSeen } from './cluster-seen.ts';
import type { Person } from './person.ts';

/** What the machine had left, at the worst moment and on the whole. */
export interface Headroom {
	/** Bytes. */
	memory: number;
	leastFree: number;
	/** Part of the processors' time that was used, 0 … 1. */
	busy: number;
	cores: number;
}

export interface ClassReport {
	learners: number;
	minutes: number;
	people: Person[];
	/** undefined: the server is on another machine. */
	headroom: Headroom | undefined;
}

export interface Line {
	what: string;
	seen: string;
	/** What is bearable. */
	limit: string;
	ok: boolean;
}

export interface Judgement {
	holds: boolean;
	lines: Line[];
	sentence: string;
}

/** Limits of what a class bears: more, and hands go up. In ms. */
export const bearable = { start: 15_000, verdict: 5000, echo: 250 } as const;
/** Part of memory that must have stayed free. */
const leastFreeShare = 0.1;

/** "340 ms", "1.2 s". */
export const duration = (ms: number) => (ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`);
const gib = (bytes: number) => `${(bytes / 2 ** 30).toFixed(1)} GiB`;

/** Holds what was seen against what is bearable: with one line that is not, the class does not hold. */
export function judge({ learners, minutes, people, headroom }: ClassReport): Judgement {
	const failures = people.flatMap((person) => person.failures);
	const starts = people.flatMap(({ start }) => (start === undefined ? [] : [start]));
	const verdicts = people.flatMap((person) => person.verdicts);
	const echoes = people.flatMap((person) => person.echoes);
	const { sent, refused } = people.reduce(
		(sum, { attacks }) => ({ sent: sum.sent + attacks.sent, refused: sum.refused + attacks.refused }),
		{
			sent: 0,
			refused: 0,
		},
	);
	const queued = people.filter((person) => person.queued).length;
	const lines: Line[] = [
		{ what: 'learners who came', seen: `${people.length} of ${learners}`, limit: 'all', ok: people.length === learners },
		{ what: 'learners who got a prompt', seen: `${starts.length} of ${people.length}`, limit: 'all', ok: starts.length === people.length },
		{ what: 'failures', seen: String(failures.length), limit: 'none', ok: failures.length === 0 },
		timed('click to prompt', starts, bearable.start),
		timed('end of a command to its green step', verdicts, bearable.verdict),
		timed('key to echo', echoes, bearable.echo),
		{ what: 'learners who waited for room', seen: String(queued), limit: 'none', ok: queued === 0 },
		...clusterLines(people.flatMap(({ cluster }) => cluster ?? [])),
		...(sent > 0 ? [{ what: 'malformed messages refused', seen: `${refused} of ${sent}`, limit: 'all', ok: refused === sent }] : []),
		...(headroom ? headroomLines(headroom) : []),
	];
	const bad = lines.filter(({ ok }) => !ok);
	const holds = bad.length === 0;
	const short = bad.map(({ what, seen, limit }) => `${what}: ${seen} (bearable: ${limit})`).join('; ');
	const left = headroom
		? `, with ${gib(headroom.leastFree)} of memory and ${Math.round((1 - headroom.busy) * 100)} % of the processors to spare`
		: '';
	const sentence = holds
		? `This machine holds a class of ${learners}: ${verdicts.length} steps turned green in ${minutes} minutes${left}.`
		: `This machine does not hold a class of ${learners}: ${short}.`;
	return { holds, lines, sentence };
}

/** Times in ms against what is bearable. A time that nobody took says nothing good. */
export function timed(what: string, samples: readonly number[], limit: number): Line {
	if (samples.length === 0) return { what, seen: 'never seen', limit: `95 % within ${duration(limit)}`, ok: false };
	const p95 = percentile(samples, 95);
	return {
		what,
		seen: `half within ${duration(percentile(samples, 50))}, 95 % within ${duration(p95)}, worst ${duration(Math.max(...samples))} (${samples.length})`,
		limit: `95 % within ${duration(limit)}`,
		ok: p95 <= limit,
	};
}

/** Of courses with a cluster: nothing in their lessons ends it, so whatever does is too much for the machine. */
function clusterLines(clusters: readonly ClusterSeen[]): Line[] {
	if (clusters.length === 0) return [];
	const none = (what: string, bad: readonly ClusterSeen[], named: readonly string[] = []): Line => {
		const names = [...new Set(named)].join(', ');
		return { what, seen: `${bad.length} of ${clusters.length}${names && ` (${names})`}`, limit: 'none', ok: bad.length === 0 };
	};
	const ended = clusters.filter((one) => one.ended.length > 0);
	const lost = clusters.filter((one) => one.lost.length > 0);
	return [
		none(
			'clusters of which a program ended',
			ended,
			ended.flatMap((one) => one.ended),
		),
		none(
			'clusters that lost a node',
			lost,
			lost.flatMap((one) => one.lost),
		),
		none(
			'clusters that did not answer',
			clusters.filter(({ silent }) => silent),
		),
	];
}

function headroomLines({ memory, leastFree, busy, cores }: Headroom): Line[] {
	const limit = memory * leastFreeShare;
	return [
		{ what: 'least free memory', seen: `${gib(leastFree)} of ${gib(memory)}`, limit: `at least ${gib(limit)}`, ok: leastFree >= limit },
		{
			what: `use of the ${cores} processors, on average`,
			seen: `${Math.round(busy * 100)} %`,
			// Said, not judged: a rehearsal works many times faster than people do, and what a learner feels of it is in the times above.
			limit: '–',
			ok: true,
		},
	];
}
