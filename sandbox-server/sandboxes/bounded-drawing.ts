/** A terminal without a window, in the server: what learners print there must neither keep its processor busy nor fill its memory, which are everybody's. */
import graphemes from '@xterm/addon-unicode-graphemes';
import type headless from '@xterm/headless';

type Terminal = InstanceType<typeof headless.Terminal>;

/**
 * "Do it n times": repeat a character, insert or delete lines, scroll, go on or back by tab stops. A number of ten digits keeps a processor busy
 * for an hour, and this one is everybody's. No terminal is larger than 1000 columns and rows.
 */
const repeating = ['b', 'L', 'M', 'S', 'T', 'I', 'Z'];
const mostTimes = 1000;
/** Lines of 80 columns that may be gone over, in one recording or of one piece of live output, at such a request, or when the screen is erased, changed or reset. */
const mostWork = 200_000;
/** Go over the whole screen, and no program that people use asks for them: columns in and out, a screen full of E. */
const unheard = [
	{ intermediates: "'", final: '}' },
	{ intermediates: "'", final: '~' },
	{ intermediates: ' ', final: '@' },
	{ intermediates: ' ', final: 'A' },
];
/** Marks on top of one character: repeating it repeats all of them, and a cell keeps as many as come. */
const mostMarks = 16;
/** Of a character's properties: it belongs in the cell of the one before. */
const joins = 1;
/** Links (OSC 8), each of which the terminal remembers, and its title and icon's name, which nobody sees. */
const remembered = [0, 1, 2, 8];

/**
 * Keeps what a few bytes can ask for within `mostWork`, and what many can leave in memory within its lines; what comes beyond is not drawn.
 * @returns allows as much once more
 */
export function boundWork(terminal: Terminal): () => void {
	let work = 0;
	/** @returns true: there is nothing left for it */
	const spend = (amount: number): boolean => {
		work += amount;
		return work > mostWork;
	};
	const screen = () => terminal.rows * Math.ceil(terminal.cols / 80);
	const { parser } = terminal;
	for (const final of repeating) {
		parser.registerCsiHandler({ final }, ([times]) => {
			const wanted = typeof times === 'number' ? Math.max(1, times) : 1;
			return wanted > mostTimes || (final === 'b' && isHeavy(terminal)) || spend(wanted * Math.ceil(terminal.cols / 80));
		});
	}
	// 3 is "erase what has scrolled away", which `clear` asks for.
	parser.registerCsiHandler({ final: 'J' }, ([what]) => what === 3 || spend(screen()));
	for (const final of ['h', 'l']) {
		const isScreen = (mode: number | number[]): boolean => mode === 47 || mode === 1047 || mode === 1049;
		parser.registerCsiHandler({ prefix: '?', final }, (modes) => modes.some(isScreen) && spend(modes.length * screen()));
	}
	for (const what of remembered) parser.registerOscHandler(what, () => true);
	boundJoins(terminal);
	parser.registerEscHandler({ intermediates: '#', final: '8' }, () => true);
	for (const id of unheard) parser.registerCsiHandler(id, () => true);
	return () => {
		work = 0;
	};
}

/** Characters are as wide, and join, as in the terminals that people see; what joins one cell without end goes on in the next. */
function boundJoins(terminal: Terminal): void {
	let joined = 0;
	const { unicode } = terminal;
	const bounded: Pick<Terminal, 'unicode'> = {
		unicode: {
			get versions() {
				return unicode.versions;
			},
			get activeVersion() {
				return unicode.activeVersion;
			},
			set activeVersion(version) {
				unicode.activeVersion = version;
			},
			register: (provider) =>
				unicode.register({
					version: provider.version,
					wcwidth: (codepoint) => provider.wcwidth(codepoint),
					charProperties(codepoint, preceding) {
						const found = provider.charProperties(codepoint, preceding);
						joined = (found & joins) === 0 ? 0 : joined + 1;
						if (joined <= mostMarks) return found;
						joined = 0;
						return provider.charProperties(codepoint, 0);
					},
				}),
		},
	};
	// The addon is written for the terminal with a window, and asks it for nothing else.
	new graphemes.UnicodeGraphemesAddon().activate(bounded as never);
}

/** The character before the cursor, of one cell or of two, carries more marks than a person's would. */
function isHeavy({ buffer }: Terminal): boolean {
	const { active } = buffer;
	const line = active.getLine(active.baseY + active.cursorY);
	return [1, 2].some((back) => (line?.getCell(active.cursorX - back)?.getChars().length ?? 0) > mostMarks);
}
