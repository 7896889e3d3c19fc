/** What is said of a class with hostile learners in it: what the others noticed, against the same class without them. */
import { percentile } from '../../benchmarks/statistics.ts';
import { mischiefs } from './hostile.ts';
import { type ClassReport, duration, type Judgement, type Line } from './judgement.ts';
import type { BesetReport } from './run-hostile.ts';

/** What the server's operator sees when all have left. */
export interface Aftermath {
	engine: boolean;
	/** Labs that have a sandbox, or wait for one. */
	labs: number;
	/** Sandboxes that the engine could not end. */
	stuck: number;
	/** Containers that were there after the server's end. */
	leftOver: number;
}

export interface HostileReport extends BesetReport {
	/** The same class without the hostile, before. */
	alone: ClassReport;
	/** undefined: not a server of ours. */
	aftermath: Aftermath | undefined;
}

/** By how much slower the others' echoes may be. */
const bearableRatio = 3;

/** Holds what the others noticed against what is bearable, and against the same class without the hostile. */
export function judgeHostile({ alone, others, hostile, newcomer, aftermath }: HostileReport): Judgement {
	const all = [...alone.people, ...others.people];
	const came = alone.learners + others.learners;
	const kept = all.filter(({ fileKept }) => fileKept);
	const failures = all.flatMap((person) => person.failures);
	const lines: Line[] = [
		counted('the others who came, in both classes', all.length, came),
		counted('of them, who got a prompt', all.filter(({ start }) => start !== undefined).length, came),
		counted('of them, whose file was there again', kept.length, came),
		none('failures of theirs, checks included', failures.length),
		compared('key to echo, 99 % within', alone, others, ({ echoes }) => echoes, bearableRatio),
		compared('command to green step, 99 % within', alone, others, ({ verdicts }) => verdicts),
		counted('hostile learners who were at it', hostile.filter(({ deeds }) => deeds > 0).length, hostile.length),
		...mischiefs.flatMap((mischief) => {
			const those = hostile.filter((one) => one.mischief === mischief);
			const sum = (of: 'deeds' | 'refused') => those.reduce((total, one) => total + one[of], 0);
			return those.length === 0
				? []
				: [{ what: `  ${mischief} (${those.length})`, seen: `${sum('deeds')} deeds, ${sum('refused')} refused`, limit: '–', ok: true }];
		}),
		counted('of them, whose sandbox went', hostile.filter(({ gone }) => gone).length, hostile.length),
		{
			what: 'who comes afterwards',
			seen: newcomer.failures[0] ?? (newcomer.fileKept ? `a prompt after ${duration(newcomer.start ?? 0)}` : 'the file was lost'),
			limit: 'a prompt, and the file again',
			ok: newcomer.failures.length === 0 && newcomer.fileKept === true,
		},
		...(aftermath ? after(aftermath) : []),
	];
	const bad = lines.filter(({ ok }) => !ok);
	const holds = bad.length === 0;
	const { length } = hostile;
	const people = `${others.learners} learners ${length === 1 ? 'beside a hostile one' : `beside ${length} hostile ones`}`;
	const short = bad.map(({ what, seen, limit }) => `${what.trim()}: ${seen} (bearable: ${limit})`).join('; ');
	const sentence = holds
		? `This machine holds a class of ${people}: nobody lost a file or failed a step.`
		: `This machine does not hold a class of ${people}: ${short}.`;
	return { holds, lines, sentence };
}

const counted = (what: string, seen: number, all: number): Line => ({ what, seen: `${seen} of ${all}`, limit: 'all', ok: seen === all });
const none = (what: string, seen: number): Line => ({ what, seen: String(seen), limit: 'none', ok: seen === 0 });

/** @param most ratio that is bearable; said and not judged if left out */
function compared(
	what: string,
	alone: ClassReport,
	others: ClassReport,
	of: (person: ClassReport['people'][number]) => number[],
	most?: number,
): Line {
	const [before, during] = [alone, others].map(({ people }) => people.flatMap(of));
	const limit = most === undefined ? '–' : `at most ${most} ×`;
	if (!before?.length || !during?.length) return { what, seen: 'never seen', limit, ok: false };
	const [calm, beset] = [percentile(before, 99), percentile(during, 99)];
	const ratio = beset / calm;
	return {
		what,
		seen: `${duration(beset)} (${during.length}), without the hostile ${duration(calm)} (${before.length}): ${ratio.toFixed(2)} ×`,
		limit,
		ok: most === undefined || ratio <= most,
	};
}

function after({ engine, labs, stuck, leftOver }: Aftermath): Line[] {
	return [
		{ what: 'the engine afterwards', seen: engine ? 'answers' : 'does not answer', limit: 'answers', ok: engine },
		none('workbenches still there when all had left', labs),
		none('sandboxes that could not be ended', stuck),
		none('containers left after the server’s end', leftOver),
	];
}
