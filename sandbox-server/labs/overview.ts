/** What the operator sees of the sandboxes: who has one, and how many there are of everything. */
import type { Course } from '../../src/shared/course/course.ts';
import type { Homes } from '../homes/homes.ts';
import type { Room } from '../homes/passing.ts';
import type { SandboxDeps } from '../sandboxes/sandbox-deps.ts';
import type { LabRecord } from './lab-record.ts';
import { isAtRest } from './lab-state.ts';
import type { Provisioner } from './provisioner.ts';
import type { Scheduler } from './scheduler.ts';

export interface LabView {
	learner: string;
	course: string;
	phase: string;
	pages: number;
	/** When they got it, ms. */
	since: number | undefined;
	/** When it is put away at the latest, ms. */
	ends: number | undefined;
}

/** Those who have a sandbox, or wait for one. */
export function labViews(labs: Iterable<LabRecord>): LabView[] {
	return [...labs]
		.filter(({ state }) => !isAtRest(state))
		.map(({ owner, course, state, pages, sandbox, lastEnd }) => ({
			learner: owner.name,
			course: course.slug,
			phase: state,
			pages,
			since: sandbox?.claimed,
			ends: lastEnd,
		}));
}

export interface SandboxFigures {
	queue: number;
	/** Places in it. */
	queueMax: number;
	capacity: number;
	sandboxes: { course: string; state: 'pool' | 'starting' | 'ready' | 'stopping'; count: number }[];
	/** Wished for, by course. */
	pool: { course: string; count: number }[];
	/** 1 or 0. */
	engine: number;
	/** Sandboxes that the engine cannot end. */
	stuck: number;
	homes: Room & { count: number };
	/** On their way to learners' browsers. */
	archives: Room;
}

interface Parts {
	deps: Pick<SandboxDeps, 'courses' | 'settings' | 'store'>;
	/** undefined: nothing is kept. */
	homes: Homes | undefined;
	labs: readonly LabRecord[];
	provisioner: Provisioner;
	scheduler: Scheduler;
	engineAway: boolean;
	stuck: number;
}

/** How many there are of everything. */
export function sandboxFigures({
	deps: { courses, settings, store },
	homes,
	labs,
	provisioner,
	scheduler,
	engineAway,
	stuck,
}: Parts): SandboxFigures {
	const none: Room = { bytes: 0, most: 0 };
	const count = (course: Course, state: SandboxFigures['sandboxes'][number]['state'], which: (lab: LabRecord) => boolean) => ({
		course: course.slug,
		state,
		count: labs.filter((lab) => lab.course === course && which(lab)).length,
	});
	return {
		queue: scheduler.length,
		queueMax: scheduler.most,
		capacity: settings.maxSandboxes,
		sandboxes: courses.flatMap((course) => [
			{ course: course.slug, state: 'pool' as const, count: provisioner.pooled(course) },
			count(course, 'starting', ({ state, sandbox }) => state === 'starting' || (state === 'live' && !sandbox?.ready)),
			count(course, 'ready', ({ state, sandbox }) => state === 'live' && sandbox?.ready === true),
			count(course, 'stopping', ({ state }) => state === 'stopping'),
		]),
		pool: courses.map((course) => ({ course: course.slug, count: scheduler.wanted(course) })),
		engine: Number(!engineAway),
		stuck,
		homes: { ...(homes?.room ?? none), count: store.homes().length },
		archives: homes?.passing ?? none,
	};
}
