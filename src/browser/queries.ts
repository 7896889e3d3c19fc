/**
 * Programs ask the terminal questions (which device, where is the cursor, …) and xterm.js answers by typing. During a replay, and in a
 * window that is not the one in use, the answer would end up as text in the learner's shell: these handlers swallow the questions.
 */
import type { IDisposable, IParser } from '@xterm/xterm';

/** @param mayAnswer false: questions get no answer now */
export function muteQueries(parser: IParser, mayAnswer: () => boolean): IDisposable[] {
	const mute = () => !mayAnswer();
	const colourQuery = (data: string) => data.includes('?') && mute();
	return [
		// Device attributes, primary to tertiary; XTVERSION
		parser.registerCsiHandler({ final: 'c' }, mute),
		parser.registerCsiHandler({ prefix: '>', final: 'c' }, mute),
		parser.registerCsiHandler({ prefix: '=', final: 'c' }, mute),
		parser.registerCsiHandler({ prefix: '>', final: 'q' }, mute),
		// Status and cursor reports
		parser.registerCsiHandler({ final: 'n' }, mute),
		parser.registerCsiHandler({ prefix: '?', final: 'n' }, mute),
		// DECRQM, window reports, keyboard protocol, DECRQSS
		parser.registerCsiHandler({ intermediates: '$', final: 'p' }, mute),
		parser.registerCsiHandler({ prefix: '?', intermediates: '$', final: 'p' }, mute),
		parser.registerCsiHandler({ final: 't' }, mute),
		parser.registerCsiHandler({ prefix: '?', final: 'u' }, mute),
		parser.registerDcsHandler({ intermediates: '$', final: 'q' }, mute),
		// Colours
		parser.registerOscHandler(4, colourQuery),
		parser.registerOscHandler(10, colourQuery),
		parser.registerOscHandler(11, colourQuery),
		parser.registerOscHandler(12, colourQuery),
		// The clipboard is the learner's: no program reads or writes it.
		parser.registerOscHandler(52, () => true),
	];
}
