/**
 * What a class did, as xAPI statements (1.0.3), for a learning record store. What a statement says does not change once it is true, so the same
 * file taken again has the same statements under the same ids. Pure.
 */
import { createHash } from 'node:crypto';
import type { z } from 'zod';
import type { Course } from '../../src/shared/course/course.ts';
import type { resultsSchema } from '../../src/shared/protocol/rooms.ts';

type Results = z.infer<typeof resultsSchema>;
type Person = Results['people'][number];
type Step = Person['steps'][number];

/** Of the ids: a random number that means this file's statements. */
const namespace = Buffer.from('5d0c5a1e8f0b4c0b9a3e6f2d7c418b90', 'hex');

const verbs = {
	registered: { id: 'http://adlnet.gov/expapi/verbs/registered', display: { en: 'registered', fr: 's’est inscrit' } },
	attempted: { id: 'http://adlnet.gov/expapi/verbs/attempted', display: { en: 'attempted', fr: 'a essayé' } },
	passed: { id: 'http://adlnet.gov/expapi/verbs/passed', display: { en: 'passed', fr: 'a réussi' } },
} as const;

const kinds = {
	course: 'http://adlnet.gov/expapi/activities/course',
	lesson: 'http://adlnet.gov/expapi/activities/lesson',
	step: 'http://adlnet.gov/expapi/activities/assessment',
	room: 'http://adlnet.gov/expapi/activities/meeting',
} as const;

interface Activity {
	objectType: 'Activity';
	id: string;
	definition: { name: Record<string, string>; type: string };
}

export interface Statement {
	id: string;
	version: '1.0.3';
	/** By the account of this server: no e-mail is known. */
	actor: { objectType: 'Agent'; name: string; account: { homePage: string; name: string } };
	verb: (typeof verbs)[keyof typeof verbs];
	object: Activity;
	result?: { success: boolean; completion: boolean; duration?: string; extensions: Record<string, number | boolean> };
	context: {
		registration: string;
		platform: string;
		contextActivities: { parent: Activity[]; grouping?: Activity[] };
	};
	/** ISO 8601 */
	timestamp: string;
}

/** A name → a UUID of version 5 (RFC 4122), always the same. */
export function uuidOf(name: string): string {
	const bytes = createHash('sha1').update(namespace).update(name).digest().subarray(0, 16);
	bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
	bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
	return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** @param origin of this server as people reach it: names of activities and accounts begin with it */
export function statementsOf({ room, people }: Results, { origin, course }: { origin: string; course: Course | undefined }): Statement[] {
	const activity = (kind: keyof typeof kinds, path: string, name: Record<string, string>): Activity => ({
		objectType: 'Activity',
		id: `${origin}/xapi/${path}`,
		definition: { name, type: kinds[kind] },
	});
	const ofCourse = activity('course', room.course, titles(course?.settings.title, room.course));
	const ofRoom = activity('room', `rooms/${room.id}`, { fr: room.title, en: room.title });
	const ofLesson = (lesson: string) => {
		const head = course?.lessons.find(({ slug }) => slug === lesson)?.head;
		return activity('lesson', `${room.course}/${lesson}`, titles(head && { fr: head.fr?.title, en: head.en?.title }, lesson));
	};
	const base = (person: Person, what: string, at: number) => ({
		// All that may be another in a file taken later: by another address, or when somebody has left and joined again.
		id: uuidOf(`${origin} ${room.id} ${person.learner} ${what} ${at}`),
		version: '1.0.3' as const,
		actor: { objectType: 'Agent' as const, name: person.name, account: { homePage: origin, name: person.learner } },
		timestamp: new Date(at).toISOString(),
	});
	const context = (contextActivities: Statement['context']['contextActivities']) => ({
		registration: uuidOf(room.id),
		platform: 'Établi',
		contextActivities,
	});
	return people.flatMap((person) => [
		{ ...base(person, 'registered', person.joined), verb: verbs.registered, object: ofRoom, context: context({ parent: [ofCourse] }) },
		...person.steps.flatMap((step): Statement[] => {
			const { lesson, step: id, begun, passed } = step;
			if (begun === undefined) return [];
			const object = activity('step', `${room.course}/${lesson}/${id}`, { fr: id, en: id });
			const about = { object, context: context({ parent: [ofLesson(lesson)], grouping: [ofCourse, ofRoom] }) };
			const attempted = { ...base(person, `attempted ${lesson}/${id}`, begun), verb: verbs.attempted, ...about };
			if (passed === undefined) return [attempted];
			return [
				attempted,
				{ ...base(person, `passed ${lesson}/${id}`, passed), verb: verbs.passed, ...about, result: resultOf(step, origin) },
			];
		}),
	]);
}

/** The statements as a JSON array, a piece of text for each person: a class of hundreds is many megabytes. @param at as `statementsOf` has it */
export function* statementsText({ room, people }: Results, at: Parameters<typeof statementsOf>[1]): Generator<string> {
	let before = '[\n';
	for (const person of people) {
		const statements = statementsOf({ room, people: [person] }, at);
		yield before + statements.map((one) => JSON.stringify(one)).join(',\n');
		before = ',\n';
	}
	yield people.length === 0 ? '[]\n' : '\n]\n';
}

function titles(title: { fr?: string | undefined; en?: string | undefined } | undefined, slug: string): Record<string, string> {
	return { fr: title?.fr ?? title?.en ?? slug, en: title?.en ?? title?.fr ?? slug };
}

/** Of a step that is passed: none of it changes any more. */
function resultOf({ ms, tries, hints, solution }: Step, origin: string): NonNullable<Statement['result']> {
	const extension = (name: string) => `${origin}/xapi/extensions/${name}`;
	return {
		success: true,
		completion: true,
		// Hundredths of a second: no store keeps more.
		...(ms !== undefined && { duration: `PT${(ms / 1000).toFixed(2)}S` }),
		extensions: { [extension('tries')]: tries, [extension('hints')]: hints, [extension('solution')]: solution },
	};
}
