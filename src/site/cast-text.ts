/** What a recording shows in the end, as text: for whoever does not play it. */
import headless from '@xterm/headless';
import type { Cast } from '../shared/cast.ts';

/** Lines: the newest. */
const mostLines = 200;

/** @returns lines without colours, blanks at their ends and empty lines around them */
export async function castText({ cols, rows, events }: Cast): Promise<string> {
	const terminal = new headless.Terminal({ cols, rows, scrollback: mostLines, allowProposedApi: true, logLevel: 'off' });
	try {
		for (const { code, data } of events) {
			if (code === 'o') await new Promise<void>((resolve) => terminal.write(data, resolve));
			const [width, height] = code === 'r' ? data.split('x').map(Number) : [];
			if (width && height) terminal.resize(Math.max(2, width), height);
		}
		const { active } = terminal.buffer;
		const lines: string[] = [];
		for (let at = 0; at < active.length; at++) {
			const line = active.getLine(at);
			const text = line?.translateToString(!active.getLine(at + 1)?.isWrapped) ?? '';
			if (line?.isWrapped && lines.length > 0) lines[lines.length - 1] += text;
			else lines.push(text);
		}
		return lines
			.map((line) => line.trimEnd())
			.join('\n')
			.replace(/^\n+|\n+$/g, '');
	} finally {
		terminal.dispose();
	}
}
