/**
 * Which values a learner has. They follow from this server's secret, the learner, the course and the parameter's name alone: the same in
 * every sandbox, after every restart and reset, and also after "start afresh" – otherwise one would start afresh until the neighbour's
 * value comes. Nobody can work out another's, or choose their own.
 */
import { createHmac } from 'node:crypto';
import type { Course, Lesson } from '../../src/shared/course/course.ts';
import { type Parameter, type Parameters, type Values, valueOf } from '../../src/shared/course/parameters.ts';

/** Whose values: a lab is one. */
interface Owned {
	/** `seed` is the learner's. */
	owner: { seed: string };
	course: Course;
}

/** Bytes of the HMAC for one number of 48 bits. */
const piece = 6;

/** What holds in a lesson: the course's parameters and its own. */
export function parametersOf(course: Course, lesson: Lesson): Parameters {
	return { ...course.settings.parameters, ...lesson.settings.parameters };
}

export class LearnerValues {
	readonly #secret: Buffer;

	/** @param secret of this server, at least 32 bytes */
	constructor(secret: Buffer) {
		// A key of its own: what signs cookies is not to be used for anything else.
		this.#secret = createHmac('sha256', secret).update('etabli parameters').digest();
	}

	of({ owner, course }: Owned, lesson: Lesson): Values {
		return this.#values(parametersOf(course, lesson), (name) => `${owner.seed}\0${course.slug}\0${name}`);
	}

	/** Values of somebody else, each different from the learner's own: to see whether a check takes a neighbour's answer. */
	neighbour(whose: Owned, lesson: Lesson): Values {
		const { owner, course } = whose;
		const own = this.of(whose, lesson);
		const parameters = parametersOf(course, lesson);
		const different: Values = {};
		for (let attempt = 0; Object.keys(different).length < Object.keys(own).length; attempt++) {
			const others = this.#values(parameters, (name) => `${owner.seed}\0${course.slug}\0${name}\0neighbour ${attempt}`);
			for (const [name, value] of Object.entries(others)) if (value !== own[name]) different[name] ??= value;
		}
		return different;
	}

	#values(parameters: Parameters, seedName: (name: string) => string): Values {
		return Object.fromEntries(Object.entries(parameters).map(([name, parameter]) => [name, this.#value(parameter, seedName(name))]));
	}

	#value(parameter: Parameter, seed: string): string {
		const bytes = createHmac('sha256', this.#secret).update(seed).digest();
		return valueOf(parameter, (index) => bytes.readUIntBE(index * piece, piece));
	}
}
