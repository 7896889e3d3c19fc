/** What a server that runs already has written of checks that broke: its learners are not told what a script printed, its author is. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { z } from 'zod';
import { setupStep } from './prove.ts';

/** Of the log's end, bytes: what has just happened. */
const lookedAt = 2 ** 20;

const lineSchema = z.object({
	msg: z.string(),
	learner: z.string().optional(),
	step: z.string().optional(),
	detail: z.string().optional(),
	err: z.object({ message: z.string() }).optional(),
});

/** @returns the newest of a learner's step; undefined when the log does not say, or cannot be read */
export function brokenInLog(path: string): (learner: string, step: string) => string | undefined {
	return (learner, step) => {
		const found = endOf(path)
			.split('\n')
			.findLast((line) => line.includes(learner) && concerns(line, learner, step) !== undefined);
		return found === undefined ? `What it printed should be in ${path}, and is not.` : concerns(found, learner, step);
	};
}

function concerns(text: string, learner: string, step: string): string | undefined {
	const line = lineSchema.safeParse(jsonOf(text)).data;
	if (line?.learner !== learner) return undefined;
	if (step === setupStep) return line.msg === 'the lesson could not be prepared' ? line.err?.message : undefined;
	return line.msg === 'check broke' && line.step === step ? line.detail : undefined;
}

function jsonOf(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		// The first of those looked at may be cut.
		return undefined;
	}
}

function endOf(path: string): string {
	let file: number;
	try {
		file = openSync(path, 'r');
	} catch {
		// Another user's: what follows says where it would have been.
		return '';
	}
	try {
		const { size } = fstatSync(file);
		const bytes = Buffer.alloc(Math.min(size, lookedAt));
		readSync(file, bytes, 0, bytes.length, size - bytes.length);
		return bytes.toString();
	} finally {
		closeSync(file);
	}
}
