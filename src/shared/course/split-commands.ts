/**
 * Text of a run block → its commands. A line is a command; a trailing backslash, an open quote, an open $( or a here-document continue
 * it. Comments and empty lines between commands are left out: they would only clutter the learner's history.
 */
export function splitCommands(text: string): string[] {
	const commands: string[] = [];
	const lines = text.replace(/\r\n?/g, '\n').split('\n');
	let command: string[] = [];
	let scan: Scan = fresh();
	for (const line of lines) {
		if (command.length === 0 && /^\s*(#|$)/.test(line)) continue;
		command.push(line);
		const awaited = scan.heredocs[0];
		if (awaited && !scan.quote) {
			if ((awaited.tabs ? line.replace(/^\t+/, '') : line) === awaited.word) scan.heredocs.shift();
			if (scan.heredocs.length > 0) continue;
		} else {
			scan = scanLine(line, scan);
			if (scan.quote || scan.continued || scan.depth > 0 || scan.heredocs.length > 0) continue;
		}
		if (scan.depth > 0) continue;
		commands.push(command.join('\n'));
		command = [];
		scan = fresh();
	}
	if (command.length > 0) commands.push(command.join('\n').trimEnd());
	return commands;
}

/** Is what follows this text of a shell held by open quotes, a comment or a here-document? */
export function isQuotedAfter(text: string): boolean {
	const lines = text.replace(/\r\n?/g, '\n').split('\n');
	let scan = fresh();
	for (const [index, line] of lines.entries()) {
		const awaited = scan.heredocs[0];
		if (awaited && !scan.quote) {
			if (index === lines.length - 1) return true;
			if ((awaited.tabs ? line.replace(/^\t+/, '') : line) === awaited.word) scan.heredocs.shift();
		} else scan = scanLine(line, scan);
	}
	return scan.quote !== '' || scan.comment;
}

interface Scan {
	quote: '' | "'" | '"';
	/** The line ends in a backslash that is not quoted. */
	continued: boolean;
	/** Open "$(" or "(". */
	depth: number;
	/** The line ends in a comment. */
	comment: boolean;
	heredocs: { word: string; tabs: boolean }[];
}

function fresh(): Scan {
	return { quote: '', continued: false, depth: 0, comment: false, heredocs: [] };
}

function scanLine(line: string, before: Scan): Scan {
	const scan: Scan = { ...before, continued: false, comment: false, heredocs: [...before.heredocs] };
	for (let at = 0; at < line.length; at++) {
		const sign = line[at];
		if (scan.quote === "'") {
			if (sign === "'") scan.quote = '';
		} else if (sign === '\\') {
			at++;
			scan.continued = at >= line.length;
		} else if (scan.quote === '"') {
			if (sign === '"') scan.quote = '';
		} else if (sign === "'" || sign === '"') scan.quote = sign;
		else if (sign === '#' && (at === 0 || /[\s;&|(]/.test(line[at - 1] ?? ''))) {
			scan.comment = true;
			break;
		} else if (sign === '(') scan.depth++;
		else if (sign === ')') scan.depth = Math.max(0, scan.depth - 1);
		else if (line.startsWith('<<<', at)) at += 2;
		else if (line.startsWith('<<', at)) {
			const word = /^<<(-?)\s*(?:'([^']+)'|"([^"]+)"|\\?([\w.-]+))/.exec(line.slice(at));
			if (!word) continue;
			scan.heredocs.push({ word: word[2] ?? word[3] ?? word[4] ?? '', tabs: word[1] === '-' });
			at += word[0].length - 1;
		}
	}
	return scan;
}
