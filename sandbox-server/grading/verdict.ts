/** What a check script's end means (docs/protocol.md §4). */

import { plainText } from '../../src/shared/control-sequences.ts';
import type { Language, Text } from '../../src/shared/language.ts';
import { verdictTexts } from '../../src/shared/protocol/verdicts.ts';
import { visible } from '../../src/shared/visible.ts';
import type { ScriptResult } from '../agent/agent.ts';

/** Sentences in the languages in which they are known: a check speaks the one that it is run in. */
export type Sentences = Partial<Text>;

export interface Verdict {
	state: 'passed' | 'failed' | 'error';
	message?: Sentences;
	hint?: number;
	/** For the log, when the check broke: never shown to a learner. */
	detail?: string;
	/** It ran out of time: a moment later it may say something else. */
	slow?: true;
}

/** On a machine that has nothing else to do, ms. */
export const checkTimeLimitMs = 10_000;
export const checkOutputLimit = 64 * 1024;
export const exitPass = 0;
export const exitFail = 10;
/** Characters of a message: it stands beside a step, not in a report. */
const messageLength = 600;

/** Exit 0 passes, 10 fails with what was printed; everything else is the check's own fault, not the learner's. */
export function verdictOf(result: ScriptResult, language: Language): Verdict {
	if (result.outcome === 'exited' && result.code === exitPass) return { state: 'passed' };
	if (result.outcome === 'exited' && result.code === exitFail) return failure(result.stdout, language);
	const text = result.outcome === 'time-limit' ? 'slow' : result.outcome === 'not-started' ? 'notStarted' : 'broken';
	const detail = `${result.outcome} ${result.code}: ${(result.stderr || result.stdout).trim().slice(-2000)}`;
	return { state: 'error', message: verdictTexts[text], detail, ...(text === 'slow' && { slow: true }) };
}

function failure(output: string, language: Language): Verdict {
	const lines = printable(output).split('\n');
	const hint = lines.map((line) => /^hint: (\d{1,2})$/.exec(line)?.[1]).findLast((number) => number !== undefined);
	const message = lines
		.filter((line) => !/^hint: \d{1,2}$/.test(line))
		.join('\n')
		.trim()
		.slice(0, messageLength);
	return { state: 'failed', message: message ? { [language]: message } : verdictTexts.notYet, ...(hint ? { hint: Number(hint) } : {}) };
}

/** Without escape sequences, and with all else that cannot be seen spelt out: a check may print a learner's file names. */
const printable = (text: string) => visible(plainText(text).replace(/[\t\r]/g, ' '));
