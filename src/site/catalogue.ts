/** What pages and components need to know of the courses: plain data, so that it can stand in a virtual module. */

import type { Parameters } from '../shared/course/parameters.ts';
import type { Language, Text } from '../shared/language.ts';

export interface CatalogueStep {
	id: string;
	title: Text;
	/** A check exists; without one the step is passed by pressing "done". */
	checked: boolean;
	/** The step can be reset. */
	resettable: boolean;
	/** Commands of solutions/<id>.sh, as shown to the reader. */
	solution: string | undefined;
}

export interface CatalogueLesson {
	slug: string;
	folder: string;
	title: Text;
	description: Text;
	minutes: number;
	/** Terminals open at the start. */
	terminals: number;
	/** Values that differ from learner to learner, the course's included. */
	parameters: Parameters;
	steps: CatalogueStep[];
}

export interface CatalogueCourse {
	slug: string;
	title: Text;
	summary: Text;
	authors: string[];
	license: string;
	/** Those that its texts are in. */
	languages: Language[];
	/** As it is shown; undefined when nothing is known. */
	version: Text | undefined;
	lessons: CatalogueLesson[];
}
