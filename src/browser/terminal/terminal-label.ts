/** What a terminal is called in words: by its number, or by the node on which it is. */
import type { Strings } from '../../i18n/fr.ts';
import { nodeOf } from '../../shared/course/terminal-names.ts';
import { fill } from '../../shared/fill.ts';

/** @param number "2", or "c1". @returns "Terminal 2", "Terminal on c1" */
export const terminalLabel = (number: string, t: Strings): string =>
	fill(nodeOf(number) === undefined ? t.terminalName : t.terminalOnNode, { n: number });

/** As a part of a button's name. @returns "in terminal 2", "on c1" */
export const terminalWhere = (number: string, t: Strings): string =>
	fill(nodeOf(number) === undefined ? t.runWhere : t.runOnNode, { n: number });
