/** Code of a scenario → blocks of a lesson. */
import { bashFault } from '../../../../src/courses/shell-syntax.ts';
import { splitCommands } from '../../../../src/shared/course/split-commands.ts';

/** The commands as they can be typed one by one; in one piece when they are a loop or the like; undefined: bash does not understand them. */
export function runnable(text: string): string | undefined {
	const lines = text.replace(/^\$ /gm, '');
	if (bashFault(lines)) return undefined;
	if (splitCommands(lines).every((command) => !bashFault(command))) return lines;
	const end = lines.includes('\nEND') ? 'END_OF_BLOCK' : 'END';
	return `source /dev/stdin <<'${end}'\n${lines}\n${end}`;
}

/** Commands of a line, without the text of a here-document. */
const partsOf = (command: string): string[] => (command.includes('<<') ? command.replace(/\n[\s\S]*/, '') : command).split(/\n|&&|\|\||;/);

const shell = '(?:python3?|node|bash|sh|ash|zsh|psql|mysql|irb)';
/** Programs for which the lines behind them are meant. What stands behind a pipe reads from that. */
const conversation = [
	new RegExp(`^\\s*(?:sudo\\s+)?(?:${shell}|cat|cat\\s*>+\\s*\\S+)\\s*$`),
	/^\s*(?:sudo\s+)?(?:vim?|nano|emacs|tmux|screen|ssh|telnet|ftp)\b/,
	new RegExp(`^\\s*(?:sudo\\s+)?(?:docker|podman|kubectl|k)\\s.*(?:-it|-ti)\\b.*\\s\\S*${shell}\\s*$`),
];
/** Programs that end when somebody presses a key, or never. */
const lasting = [
	/^\s*(?:sudo\s+)?(?:less|more|man|h?top|watch|yes)\b/,
	/^\s*(?:sudo\s+)?(?:tail|journalctl)\s+(?:\S+\s+)*-\w*[fF]/,
	/^\s*(?:sudo\s+)?(?:docker|podman|kubectl|k)\s(?:.*\s)?(?:-it|-ti|-w|--watch|port-forward)\b/,
	/^\s*(?:sudo\s+)?(?:docker|podman|kubectl|k)\s+logs\s(?:.*\s)?(?:-f|--follow)\b/,
	/^\s*sleep\s+(?:\d{2,}|infinity|\d+[mhd])\b/,
	/^\s*(?:python3?\s+-m\s+http\.server|nc\s+(?:\S+\s+)*-\w*l|ping\s+(?!.*-\w*[cw]))/,
	/^\s*while\s+(?:true|:)\s*$/,
];

/** Are the lines behind it meant for the program that it starts? */
export const startsConversation = (command: string): boolean =>
	partsOf(command).some((part) => conversation.some((pattern) => pattern.test(part.replace(/\|[\s\S]*/, ''))));

/** Would a shell that it is typed into be taken by it for as long as nobody presses a key? */
export const waitsForSomebody = (command: string): boolean =>
	startsConversation(command) ||
	partsOf(command).some((part) => part.split('|').some((one) => lasting.some((pattern) => pattern.test(one))));

/** Does it read what is typed while it runs? In one piece it would find the end of its input. */
export const readsInput = (text: string): boolean =>
	/(?:^|[;&|]|\bdo|\bthen)\s*read\b/m.test(text) ||
	/\bselect\s+\w+\s+in\b/.test(text) ||
	(/\b(?:while|until|if)\s+(?:!\s*)?(?:IFS=\S*\s+)?read\b/.test(text) && !/[<|]/.test(text));

/** @param info what stands behind the fence */
export function fenced(text: string, indent: string, info: string): string {
	const ticks = longest(text, /`{3,}/g);
	const tildes = longest(text, /~{3,}/g);
	const sign = ticks === 0 ? '```' : tildes === 0 ? '~~~~' : '`'.repeat(ticks + 1);
	return [`${sign}${info}`, ...text.split('\n'), sign].map((line) => (line ? indent + line : line)).join('\n');
}

/** Length of the longest match; 0: there is none. */
export const longest = (text: string, pattern: RegExp) => Math.max(0, ...[...text.matchAll(pattern)].map(([{ length }]) => length));
