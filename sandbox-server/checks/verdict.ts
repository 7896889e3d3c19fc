/** What a check script's end means (docs/protocol.md §4). */
import { errorText } from '../../src/shared/errors.ts';
import type { Language } from '../../src/shared/language.ts';
import { plainText } from '../../src/shared/plain-text.ts';
import type { ScriptResult } from '../holder/holder.ts';

export interface Verdict {
	state: 'passed' | 'failed' | 'error';
	message?: string;
	hint?: number;
	/** For the log, when the check broke: never shown to a learner. */
	detail?: string;
}

export const checkTimeLimitMs = 10_000;
export const checkOutputLimit = 64 * 1024;
export const exitPass = 0;
export const exitFail = 10;
/** Characters of a message: it stands beside a step, not in a report. */
const messageLength = 600;

const notYet = { fr: 'Pas encore.', en: 'Not yet.' } as const;

/** Exit 0 passes, 10 fails with what was printed; everything else is the check's own fault, not the learner's. */
export function verdictOf(result: ScriptResult, language: Language): Verdict {
	if (result.outcome === 'exited' && result.code === exitPass) return { state: 'passed' };
	if (result.outcome === 'exited' && result.code === exitFail) return failure(result.stdout, language);
	const code = result.outcome === 'time-limit' ? 'check-slow' : result.outcome === 'not-started' ? 'check-not-started' : 'check-broken';
	const detail = `${result.outcome} ${result.code}: ${(result.stderr || result.stdout).trim().slice(-2000)}`;
	return { state: 'error', message: errorText(code, language), detail };
}

function failure(output: string, language: Language): Verdict {
	const lines = printable(output).split('\n');
	const hint = lines.map((line) => /^hint: (\d{1,2})$/.exec(line)?.[1]).findLast((number) => number !== undefined);
	const message = lines
		.filter((line) => !/^hint: \d{1,2}$/.test(line))
		.join('\n')
		.trim()
		.slice(0, messageLength);
	return { state: 'failed', message: message || notYet[language], ...(hint ? { hint: Number(hint) } : {}) };
}

/** Without escape sequences and control characters: a check may print a learner's file names. */
const printable = (text: string) =>
	// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out.
	plainText(text).replace(/[\x00-\x09\x0b-\x1f\x7f]/g, ' ');
