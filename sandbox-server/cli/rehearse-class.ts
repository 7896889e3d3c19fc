/** The part of `rehearse` that needs npm's packages: a server of its own or a running one, the class, what is said of it. */
import { rmSync } from 'node:fs';
import type { Course } from '../../src/shared/course.ts';
import { type Judgement, judge } from '../rehearsal/class/judgement.ts';
import { type ClassRequest, runClass } from '../rehearsal/class/run-class.ts';
import { ensureEngine } from '../setup/engine.ts';
import { Failure } from '../setup/failure.ts';
import { prepareWorkshop, readCourses } from '../setup/prepare.ts';
import { claim } from '../setup/processes.ts';
import type { Progress } from '../setup/progress.ts';
import { type Arguments, unknown, usageStatus } from './arguments.ts';
import { asker } from './asker.ts';
import { serve } from './serve.ts';
import { serverMark } from './server-mark.ts';
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

/** Gives the access code that the address has in it. @returns the cookie that lets in; undefined without a code @throws Error when it is wrong */
async function access(url: URL): Promise<string | undefined> {
	const code = url.searchParams.get('code');
	if (!code) return undefined;
	const response = await fetch(new URL('/api/access', url), {
		method: 'POST',
		headers: { 'content-type': 'application/json', origin: url.origin },
		body: JSON.stringify({ code }),
		signal: AbortSignal.timeout(10_000),
	});
	if (!response.ok) throw new Error(((await response.json()) as { message?: string }).message ?? `status ${response.status}`);
	return response.headers.getSetCookie()[0]?.split(';')[0];
}

async function atAddress(text: string, request: Wanted, progress: Progress): Promise<Judgement> {
	const url = URL.canParse(text) ? new URL(text) : undefined;
	if (!url || !/^https?:$/.test(url.protocol))
		throw new Failure(`--address is an address such as http://127.0.0.1:8080, not "${text}".`, { status: usageStatus });
	let cookie: string | undefined;
	try {
		cookie = await access(url);
		const response = await fetch(new URL('/api/session', url), { headers: { cookie: cookie ?? '' }, signal: AbortSignal.timeout(10_000) });
		const answer = (await response.json()) as { live?: boolean; code?: string };
		if (answer.code === 'access-code') throw new Error(`it asks for its access code: give it as ${url.origin}/?code=…`);
		if (answer.live !== true) throw new Error('it has no sandboxes: it serves the lessons for reading');
	} catch (error) {
		const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
		throw new Failure(`No class can be rehearsed at ${url.origin}: ${cause instanceof Error ? cause.message : String(cause)}.`, {
			hint: 'Start it with ./etabli up, or leave out --address: then rehearse starts a server of its own.',
			cause: error,
		});
	}
	return await playClass({ ...request, address: url.origin, cookie, here: /^(localhost|127\.|\[::1\])/.test(url.hostname) }, progress);
}

/** On a server of its own, started and stopped for it: what `up` would run, with the same limits. */
async function atOwnServer(
	{ progress, signal, args }: RehearseCommand,
	config: ReturnType<typeof configuration>,
	request: Wanted,
): Promise<Judgement> {
	const paths = openData(config.data, 'rehearse', progress);
	const mark = serverMark(paths.run);
	const other = claim(mark, '');
	if (other)
		throw new Failure(`A class is being rehearsed in ${paths.data} already (process ${other.pid}).`, {
			hint: 'Wait for it, or give another folder: --data DIR.',
		});
	try {
		const preparation = { config, paths, asker: asker(config.yes), progress, signal };
		const { engine, why } = await ensureEngine({ ...preparation, url: config.engine });
		if (!engine) throw new Failure('A class is rehearsed in real sandboxes, and there is no container engine.', { hint: why ?? '' });
		const workshop = await prepareWorkshop(engine, [request.course], preparation);
		const ended = new AbortController();
		let judgement: Judgement | undefined;
		await serve({
			config,
			paths,
			prepared: { courses: [request.course], workshop, why: undefined, site: undefined },
			progress,
			signal: AbortSignal.any([signal, ended.signal]),
			mark,
			quiet: true,
			beside: async (_request, address) => {
				judgement = await playClass({ ...request, address, here: true }, progress);
				ended.abort(new Error('the class is over'));
			},
		});
		signal.throwIfAborted();
		if (!judgement) throw new Error(`the class of ${args.words.join(' ')} was not played`);
		return judgement;
	} finally {
		rmSync(mark, { force: true });
	}
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
