/** What a Killercoda or Katacoda scenario says, as far as it can be taken over. The format: https://killercoda.com/creators. */
import { z } from 'zod';

const scriptKeys = {
	foreground: z.string().optional(),
	background: z.string().optional(),
	/** Katacoda's words for the two above. */
	code: z.string().optional(),
	courseData: z.string().optional(),
};

const pageSchema = z.object({ title: z.string().optional(), text: z.string().optional(), ...scriptKeys });
const stepSchema = pageSchema.extend({
	verify: z.string().optional(),
	/** Katacoda: files shown on request. */
	answer: z.string().optional(),
	hint: z.string().optional(),
});

const assetSchema = z.object({ file: z.string().min(1), target: z.string().default('/root'), chmod: z.string().optional() });

/** index.json of a scenario. Keys that are not here are told of, and left out. */
export const indexSchema = z.object({
	title: z.string().min(1),
	description: z.string().optional(),
	difficulty: z.string().optional(),
	time: z.union([z.string(), z.number()]).optional(),
	details: z
		.object({
			intro: pageSchema.optional(),
			steps: z.array(stepSchema).default([]),
			finish: pageSchema.optional(),
			assets: z.record(z.string(), z.array(assetSchema)).optional(),
		})
		.prefault({}),
	backend: z.object({ imageid: z.string() }).optional(),
	interface: z.object({ layout: z.string().optional() }).optional(),
	environment: z.object({ uilayout: z.string().optional() }).optional(),
});
export type Index = z.output<typeof indexSchema>;

/** Keys that need no mention: they say how the page looks there, or who may see it. */
export const harmlessKeys = new Set([
	...['author', 'authors', 'credits', 'difficulty', 'time', 'private', 'noindex', 'type', 'id', 'name', 'icon', 'tags', 'pathwayTitle'],
	...['hideintro', 'hidefinish', 'hidesidebar', 'hideprogressbar', 'hideHiddenFiles', 'uisettings', 'uieditorpath', 'showdashboard'],
	...['showdashboards', 'showide', 'showvisualise', 'dashboards', 'port', 'icon', 'theme', 'scoring', 'exclusionPatterns'],
]);

/** structure.json: the order and titles of the scenarios of a folder. */
export const structureSchema = z.object({
	title: z.string().optional(),
	description: z.string().optional(),
	items: z.array(z.object({ path: z.string(), title: z.string().optional() })).default([]),
});

/** NAME-pathway.json, Katacoda's: the order and titles of the scenarios of the folder NAME beside it. */
export const pathwaySchema = z.object({
	title: z.string().optional(),
	description: z.string().optional(),
	courses: z.array(z.object({ course_id: z.string(), title: z.string().optional() })).default([]),
});

export interface Script {
	/** Relative to the imported folder. */
	file: string;
	text: string;
}

export interface Page {
	title: string | undefined;
	/** Markdown. */
	text: string;
	/** Relative to the imported folder. */
	file: string;
	foreground: Script | undefined;
	background: Script | undefined;
}

export interface ScenarioStep extends Page {
	verify: Script | undefined;
	/** Markdown. */
	answer: string | undefined;
	hint: string | undefined;
}

export interface Asset {
	/** Absolute path of the file. */
	source: string;
	/** Relative to the folder of assets. */
	name: string;
	/** Folder in the sandbox; may begin with "~". */
	target: string;
	chmod: string | undefined;
}

/** Something that did not come over as it was. */
export interface Note {
	what: string;
	/** Why, and what there is in its place. */
	why: string;
}

export interface Scenario {
	/** Absolute. */
	path: string;
	/** Relative to the imported folder; "." for the folder itself. */
	folder: string;
	slug: string;
	title: string;
	description: string;
	/** As the scenario says; undefined: it does not. */
	minutes: number | undefined;
	imageid: string;
	layout: string;
	intro: Page | undefined;
	steps: ScenarioStep[];
	finish: Page | undefined;
	assets: Asset[];
	notes: Note[];
}

/** "Step 1: Über uns!" → "step-1-uber-uns"; "" when nothing remains. */
export const slugOf = (text: string): string =>
	text
		.normalize('NFD')
		.replace(/\p{M}/gu, '')
		.toLowerCase()
		.replace(/[^a-z0-9]+/g, '-')
		.slice(0, 56)
		.replace(/^-+|-+$/g, '');
