/** The part of `rehearse` that needs npm's packages: a server of its own or a running one, the class, what is said of it. */
import type { Course } from '../../src/shared/course/course.ts';
import { askControl, type ControlStatus } from '../observability/control/control.ts';
import { Failure } from '../setup/failure.ts';
import { readCourses } from '../setup/prepare.ts';
import type { Progress, Step } from '../setup/progress.ts';
import { judgeHostile } from '../tools/rehearsal/class/hostile-judgement.ts';
import { type Judgement, judge } from '../tools/rehearsal/class/judgement.ts';
import { type ClassRequest, runClass } from '../tools/rehearsal/class/run-class.ts';
import { runAlone, runBeset } from '../tools/rehearsal/class/run-hostile.ts';
import { type Deed, onOwnServer, runningServer } from '../tools/rehearsal/own-server.ts';
import { judgeRoom } from '../tools/rehearsal/room/room-judgement.ts';
import { runRoom } from '../tools/rehearsal/room/run-room.ts';
import { type Arguments, unknown, usageStatus } from './arguments.ts';
import { asker } from './asker.ts';
import { countLeftovers } from './leftovers.ts';
import { inviteTrainer } from './people.ts';
import { configuration, openData } from './settings.ts';

export interface RehearseCommand {
	args: Arguments;
	learners: number;
	minutes: number;
	/** How many of the learners are hostile; 0: an ordinary class. */
	hostile: number;
	/** Who leads and helps in a room; undefined: a class without one. */
	room: { trainers: number; helpers: number } | undefined;
	/** What is said at the end is for a program. */
	json: boolean;
	progress: Progress;
	signal: AbortSignal;
}

/** @returns exit status @throws Failure; the signal's reason */
export async function rehearseClass(command: RehearseCommand): Promise<number> {
	const { args, learners, minutes, hostile, room, progress, signal } = command;
	const config = { ...configuration(args), host: '127.0.0.1', port: 0, publicUrl: undefined, accessCode: undefined, keep: false };
	const course = choose(readCourses(config.courses), args.values['course'] ?? args.words[0], config.courses);
	const request = { course, learners, minutes, signal };
	const address = args.values['address'];
	const place = address === undefined ? ownPlace(command, config, course) : atAddress(String(address));
	const judgement = room
		? await playInRoom({ place, request, room, link: args.values['trainer'], progress })
		: hostile > 0
			? await playHostile(place, { ...request, hostile }, progress)
			: await playOrdinary(place, request, progress);
	if (command.json) process.stdout.write(`${JSON.stringify(judgement, null, '\t')}\n`);
	else say(judgement);
	return judgement.holds ? 0 : 1;
}

function say(judgement: Judgement): void {
	const width = Math.max(...judgement.lines.map(({ what }) => what.length));
	for (const { what, seen, limit, ok } of judgement.lines)
		process.stdout.write(`  ${ok ? '✓' : '✗'} ${what.padEnd(width)}  ${seen}${limit === '–' ? '' : `  [${limit}]`}\n`);
	process.stdout.write(`\n${judgement.sentence}\n`);
}

type Wanted = Pick<ClassRequest, 'course' | 'learners' | 'minutes' | 'signal'>;

function choose(courses: readonly Course[], name: unknown, places: readonly string[]): Course {
	const [first] = courses;
	if (!first) throw new Failure('There is no course to rehearse.');
	if (name === undefined) return first;
	const found = courses.find(({ slug }) => slug === name);
	if (found) return found;
	throw unknown(
		'course',
		String(name),
		courses.map(({ slug }) => slug),
		`ls ${places.join(' ')}`,
	);
}

const rehearsing: Deed = {
	going: 'A class is being rehearsed',
	needs: 'A class is rehearsed in real sandboxes',
	cannot: 'No class can be rehearsed',
	command: 'rehearse',
};

/** Where a class is played. */
interface Place {
	play<T>(use: (at: Pick<ClassRequest, 'address' | 'cookie' | 'here'>) => Promise<T>): Promise<T>;
	/** The secret of a trainer's link, where that is ours to make. */
	trainer(): Promise<string> | undefined;
	/** What its operator sees, while it runs and once it has ended; undefined: that is somebody else. */
	operator: { status(): Promise<ControlStatus>; leftOver(): Promise<number> } | undefined;
}

function atAddress(text: string): Place {
	return {
		async play(use) {
			const { url, cookie } = await runningServer(text, rehearsing);
			return await use({ address: url.origin, cookie, here: /^(localhost|127\.|\[::1\])/.test(url.hostname) });
		},
		trainer: () => undefined,
		operator: undefined,
	};
}

/** A server of its own, started and stopped for it: what `up` would run, with the same limits. */
function ownPlace({ progress, signal }: RehearseCommand, config: ReturnType<typeof configuration>, course: Course): Place {
	const { data, engine, kubernetes } = config;
	return {
		async play(use) {
			const paths = openData(data, 'rehearse', progress);
			const own = { config, paths, asker: asker(config.yes), courses: [course], progress, signal, deed: rehearsing };
			return await onOwnServer(own, (address) => use({ address, here: true }));
		},
		trainer: () => inviteTrainer(config, 'Répétition').then(({ secret }) => secret),
		operator: { status: () => askControl(data), leftOver: () => countLeftovers(data, engine, kubernetes) },
	};
}

async function playOrdinary(place: Place, request: Wanted, progress: Progress): Promise<Judgement> {
	const { learners, minutes, course } = request;
	const title = `A class of ${learners} in ${course.slug}, ${minutes} min`;
	return judge(
		await place.play((at) => progress.step(title, (step) => runClass({ ...request, ...at, onPerson: told(request, progress, step) }))),
	);
}

interface InRoom {
	place: Place;
	request: Wanted;
	room: { trainers: number; helpers: number };
	/** What was given with --trainer. */
	link: unknown;
	progress: Progress;
}

/** @throws Failure */
async function playInRoom({ place, request, room, link, progress }: InRoom): Promise<Judgement> {
	const { course, learners, minutes, signal } = request;
	const title = `A room of ${learners} learners in ${course.slug}, ${room.trainers} trainers and ${room.helpers} helpers, ${minutes} min`;
	const length = minutes * 60_000;
	const arrival = Math.min(60_000, length / 5);
	return await place.play(async ({ address, cookie }) => {
		const secret = link === undefined ? await place.trainer() : String(link).split('#enter=').at(-1);
		if (!secret)
			throw new Failure('On a server that runs already, a room is opened by one of its trainers.', {
				hint: './etabli trainer add "Rehearsal" there makes a link: give it with --trainer LINK.',
				status: usageStatus,
			});
		const report = await progress.step(title, (step) =>
			runRoom({ address, cookie, secret, course, learners, ...room, arrival, length, signal, onScene: (what) => step.detail(what) }),
		);
		for (const failure of report.ledger.failures) progress.say(`  ✗ ${failure}`);
		return { ...judgeRoom(report), figures: report };
	});
}

async function playHostile(place: Place, request: Wanted & { hostile: number }, progress: Progress): Promise<Judgement> {
	const { hostile, minutes, course } = request;
	const learners = request.learners - hostile;
	const played = await place.play(async (at) => {
		const play = <T>(title: string, run: (wanted: ClassRequest & { hostile: number }) => Promise<T>) =>
			progress.step(title, (step) => run({ ...request, ...at, learners, onPerson: told({ learners }, progress, step) }));
		const alone = await play(`A class of ${learners} in ${course.slug}, ${minutes} min`, runAlone);
		const beset = await play(`The same class with ${hostile} hostile ${hostile === 1 ? 'learner' : 'learners'}, ${minutes} min`, runBeset);
		return { alone, ...beset, status: await place.operator?.status() };
	});
	const { status, ...report } = played;
	const aftermath = status && {
		engine: status.engine,
		labs: status.labs.length,
		stuck: status.stuck,
		leftOver: (await place.operator?.leftOver()) ?? 0,
	};
	return judgeHostile({ ...report, aftermath });
}

function told({ learners }: Pick<Wanted, 'learners'>, progress: Progress, step: Step): ClassRequest['onPerson'] {
	return ({ number, manner, failures, verdicts }, done) => {
		for (const failure of failures) progress.say(`  ✗ learner ${number + 1} (${manner}): ${failure}`);
		step.detail(`${done} of ${learners} done: learner ${number + 1} (${manner}), ${verdicts.length} steps`);
	};
}
