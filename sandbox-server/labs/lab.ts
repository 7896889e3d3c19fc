/**
 * A learner's lab of one course: the handle that is passed along wherever something is done for a learner in a course. It says whose it is
 * and which sandboxes it has; what it is asked for goes through LabService.
 */
import type { Sandbox } from '../sandboxes/sandbox.ts';
import { keyOf, type LabKey, type Owned } from '../store/store.ts';

export interface Lab extends Owned {
	/** Unlike any other's. It holds the learner's secret id: not for logs, nor for pages. */
	readonly id: string;
	/** Its rows in the store. */
	readonly key: LabKey;
	/** Its sandboxes by host; empty while it has none. A host that is there may still be getting ready, or be on its way out. */
	readonly hosts: ReadonlyMap<string, Sandbox>;
}

/** The host that every lab has: where terminals, scripts and files go when no other is named. */
export const mainHost = 'main';

/** @returns `Lab.id` of whose it is */
export function labId({ owner, course }: Owned): string {
	return `${owner.id} ${course.slug}`;
}

/** A lab with nothing in it. */
export function bareLab({ owner, course }: Owned): Lab {
	return { id: labId({ owner, course }), key: keyOf({ owner, course }), owner, course, hosts: new Map() };
}
