/** What the operator sees of the sandboxes: who has one, and how many there are of everything. */
import type { Course } from '../../src/shared/course.ts';
import type { Figures } from '../metrics/metrics.ts';
import type { Allocator } from './allocator.ts';
import type { SandboxDeps } from './deps.ts';
import type { Fleet } from './fleet.ts';
import type { Seat } from './seat.ts';

export interface SeatView {
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
export function seatViews(seats: Iterable<Seat>): SeatView[] {
	return [...seats]
		.filter(({ phase }) => phase !== 'none' && phase !== 'lost')
		.map(({ learner, course, phase, viewers, bench, lastEnd }) => ({
			learner: learner.name,
			course: course.slug,
			phase,
			pages: viewers,
			since: bench?.claimed,
			ends: lastEnd,
		}));
}

export type SandboxFigures = Pick<Figures, 'queue' | 'queueMax' | 'capacity' | 'sandboxes' | 'pool' | 'engine' | 'homes'>;

interface Parts {
	deps: Pick<SandboxDeps, 'courses' | 'settings' | 'store'>;
	seats: readonly Seat[];
	fleet: Fleet;
	allocator: Allocator;
	engineAway: boolean;
}

/** How many there are of everything. */
export function sandboxFigures({ deps: { courses, settings, store }, seats, fleet, allocator, engineAway }: Parts): SandboxFigures {
	const homes = store.homes();
	const count = (course: Course, state: Figures['sandboxes'][number]['state'], which: (seat: Seat) => boolean) => ({
		course: course.slug,
		state,
		count: seats.filter((seat) => seat.course === course && which(seat)).length,
	});
	return {
		queue: allocator.length,
		queueMax: allocator.most,
		capacity: settings.maxSandboxes,
		sandboxes: courses.flatMap((course) => [
			{ course: course.slug, state: 'pool' as const, count: fleet.pooled(course) },
			count(course, 'starting', ({ phase, bench }) => phase === 'starting' || (phase === 'live' && !bench?.ready)),
			count(course, 'ready', ({ phase, bench }) => phase === 'live' && bench?.ready === true),
			count(course, 'stopping', ({ phase }) => phase === 'stopping'),
		]),
		pool: courses.map((course) => ({ course: course.slug, count: allocator.wanted(course) })),
		engine: Number(!engineAway),
		homes: { count: homes.length, bytes: homes.reduce((sum, { bytes }) => sum + bytes, 0) },
	};
}
