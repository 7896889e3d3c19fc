/** The part of `rehearse` that needs npm's packages: a server of its own or a running one, the class, what is said of it. */
import type { Course } from '../../src/shared/course.ts';
import { type Judgement, judge } from '../rehearsal/class/judgement.ts';
import { type ClassRequest, runClass } from '../rehearsal/class/run-class.ts';
import { type Deed, onOwnServer, runningServer } from '../rehearsal/own-server.ts';
import { Failure } from '../setup/failure.ts';
import { readCourses } from '../setup/prepare.ts';
import type { Progress } from '../setup/progress.ts';
import { type Arguments, unknown } from './arguments.ts';
import { asker } from './asker.ts';
import { configuration, openData } from './settings.ts';

export interface RehearseCommand {
	args: Arguments;
	learners: number;
	minutes: number;
	progress: Progress;
	signal: AbortSignal;
}

/** @returns exit status @throws Failure; the signal's reason */
export async function rehearseClass(command: RehearseCommand): Promise<number> {
	const { args, learners, minutes, progress, signal } = command;
	const config = { ...configuration(args), host: '127.0.0.1', port: 0, publicUrl: undefined, accessCode: undefined, keep: false };
	const course = choose(readCourses(config.courses), args.values['course'] ?? args.words[0]);
	const request = { course, learners, minutes, signal };
	const address = args.values['address'];
	const judgement =
		address === undefined ? await atOwnServer(command, config, request) : await atAddress(String(address), request, progress);
	const width = Math.max(...judgement.lines.map(({ what }) => what.length));
	for (const { what, seen, limit, ok } of judgement.lines)
		process.stdout.write(`  ${ok ? '✓' : '✗'} ${what.padEnd(width)}  ${seen}${limit === '–' ? '' : `  [${limit}]`}\n`);
	process.stdout.write(`\n${judgement.sentence}\n`);
	return judgement.holds ? 0 : 1;
}

type Wanted = Pick<ClassRequest, 'course' | 'learners' | 'minutes' | 'signal'>;

function choose(courses: readonly Course[], name: unknown): Course {
	const [first] = courses;
	if (!first) throw new Failure('There is no course to rehearse.');
	if (name === undefined) return first;
	const found = courses.find(({ slug }) => slug === name);
	if (found) return found;
	throw unknown(
		'course',
		String(name),
		courses.map(({ slug }) => slug),
		'ls courses',
	);
}

const rehearsing: Deed = {
	going: 'A class is being rehearsed',
	needs: 'A class is rehearsed in real sandboxes',
	cannot: 'No class can be rehearsed',
	command: 'rehearse',
};

async function atAddress(text: string, request: Wanted, progress: Progress): Promise<Judgement> {
	const { url, cookie } = await runningServer(text, rehearsing);
	return await playClass({ ...request, address: url.origin, cookie, here: /^(localhost|127\.|\[::1\])/.test(url.hostname) }, progress);
}

/** On a server of its own, started and stopped for it: what `up` would run, with the same limits. */
async function atOwnServer(
	{ progress, signal }: RehearseCommand,
	config: ReturnType<typeof configuration>,
	request: Wanted,
): Promise<Judgement> {
	const paths = openData(config.data, 'rehearse', progress);
	const own = { config, paths, asker: asker(config.yes), courses: [request.course], progress, signal, deed: rehearsing };
	return await onOwnServer(own, (address) => playClass({ ...request, address, here: true }, progress));
}

async function playClass(request: Omit<ClassRequest, 'onPerson'>, progress: Progress): Promise<Judgement> {
	const { learners, minutes, course } = request;
	const report = await progress.step(`A class of ${learners} in ${course.slug}, ${minutes} min`, (step) =>
		runClass({
			...request,
			onPerson: ({ number, manner, failures, verdicts }, done) => {
				for (const failure of failures) progress.say(`  ✗ learner ${number + 1} (${manner}): ${failure}`);
				step.detail(`${done} of ${learners} done: learner ${number + 1} (${manner}), ${verdicts.length} steps`);
			},
		}),
	);
	return judge(report);
}
