/** What a learner does with a lesson's blocks, without a browser: types commands, presses run buttons, puts files in place, reads outputs. */
import { setTimeout as sleep } from 'node:timers/promises';
import { isShell } from '../../../src/courses/fence.ts';
import type { PlayBlock } from '../../../src/courses/lesson-blocks.ts';
import { plainText } from '../../../src/shared/control-sequences.ts';
import { compareOutput } from '../../../src/shared/course/compare-output.ts';
import { fillValues, type Values } from '../../../src/shared/course/parameters.ts';
import { place } from '../../../src/shared/course/placed-file.ts';
import { splitCommands } from '../../../src/shared/course/split-commands.ts';
import { ownTerminals } from '../../../src/shared/course/terminal-names.ts';
import { fileReportSchema } from '../../../src/shared/protocol/api.ts';
import { patience } from '../testing/slowness.ts';
import type { ClientTerminal } from './client-terminal.ts';
import type { LearnerClient } from './learner-client.ts';

/** Characters of the terminal that are shown with a fault. */
const outputShown = 1500;
/** A program that stays in the foreground gets so long to come up, in ms: nothing tells when a server listens. */
const settleMs = 1000;
/** Ctrl+C brings the prompt back within so many ms, or the program does not heed it. */
const interruptMs = 10_000;

/** The play cannot go on: the terminal is taken by a command, or gone. */
export class Stuck extends Error {
	override readonly name = 'Stuck';
}

export class Hands {
	/** All that the terminals said since it was emptied, with their escape sequences. */
	output = '';
	readonly #learner: LearnerClient;
	readonly #commandMs: number;
	readonly #values: Values;
	readonly #terminals: Map<string, ClientTerminal>;
	/** What the commands of the last run block printed. */
	#printed = '';

	/** @param terminal the lesson's first; @param values of the learner; @param commandMs time that one command may take */
	constructor(learner: LearnerClient, terminal: ClientTerminal, values: Values, commandMs: number) {
		this.#learner = learner;
		this.#values = values;
		this.#commandMs = commandMs;
		this.#terminals = new Map([['1', terminal]]);
	}

	/** Types commands where no program is in the way, each once the one before has ended. @throws Stuck */
	async type(text: string): Promise<void> {
		const free = ownTerminals.find((number) => !this.#terminals.get(number)?.busy) ?? '1';
		await this.#commands(splitCommands(fillValues(text, this.#values)), await this.#terminal(free));
	}

	/** Presses the block's button, or compares what it expects. @returns what is wrong, in words @throws Stuck */
	async play({ intent, language, text: written, line }: PlayBlock): Promise<string | undefined> {
		const text = fillValues(written, this.#values, isShell(language));
		if (intent.kind === 'output') return this.#compare(text, intent.compare ?? 'text', line);
		if (intent.kind === 'file') return await this.#place(text, intent);
		const terminal = await this.#terminal(intent.terminal ?? '1');
		if (terminal.busy && intent.interrupt) await this.#interrupt(terminal);
		if (terminal.busy)
			throw new Stuck(`terminal ${intent.terminal ?? '1'} is taken by a program that the block of line ${line} does not end`);
		this.#printed = '';
		const commands = splitCommands(text);
		const stays = intent.wait ? undefined : commands.pop();
		await this.#commands(commands, terminal);
		if (stays === undefined) return undefined;
		await terminal.start(stays, this.#commandMs);
		await sleep(settleMs);
		return terminal.busy ? undefined : `"${brief(stays)}" is to stay (nowait), and has ended:\n${shown(terminal.output)}`;
	}

	async #terminal(number: string): Promise<ClientTerminal> {
		const known = this.#terminals.get(number);
		if (known) return known;
		const terminal = await this.#learner.terminal(number);
		this.#terminals.set(number, terminal);
		return terminal;
	}

	async #commands(commands: readonly string[], terminal: ClientTerminal): Promise<void> {
		for (const command of commands) {
			const from = terminal.output.length;
			try {
				const said = await terminal.run(command, this.#commandMs);
				this.output += said;
				this.#printed += printedIn(said);
			} catch (error) {
				if (this.#learner.closed) throw error;
				throw new Stuck(
					`"${brief(command)}" did not end after ${patience(this.#commandMs) / 1000} s, or waits for more to be typed; the terminal said:\n${shown(this.output + terminal.output.slice(from))}`,
					{ cause: error },
				);
			}
			if (terminal.ended) throw new Stuck(`"${brief(command)}" ended the learner's shell:\n${shown(this.output)}`);
		}
	}

	async #interrupt(terminal: ClientTerminal): Promise<void> {
		const before = terminal.prompts;
		terminal.type('\x03');
		try {
			// The end of the program is not yet the prompt, which would else be taken for that of the next command.
			await this.#learner.until(() => !terminal.busy && terminal.prompts > before, 'the prompt after Ctrl+C', interruptMs);
		} catch (error) {
			if (this.#learner.closed) throw error;
			throw new Stuck(`Ctrl+C does not end the program that runs; the terminal said:\n${shown(terminal.output)}`, { cause: error });
		}
	}

	#compare(expected: string, how: 'text' | 'regex', line: number): string | undefined {
		const printed = printedLines(this.#printed);
		const result = compareOutput(expected, printed, how);
		if (result.same) return undefined;
		const wanted = result.expected === undefined ? 'nothing more is expected' : `expected is "${result.expected}"`;
		const got = result.actual === undefined ? 'nothing more was printed' : `printed was "${result.actual}"`;
		return `the output differs from that of line ${line}: on its line ${result.line} ${wanted}, and ${got}; the commands printed:\n${shown(printed)}`;
	}

	async #place(text: string, { path: written, placing }: Extract<PlayBlock['intent'], { kind: 'file' }>): Promise<string | undefined> {
		const path = fillValues(written, this.#values, false);
		const { course, lesson, language } = this.#learner.visit;
		const url = (what: string) => `/api/lessons/${course}/${lesson}/file${what}?language=${language}`;
		try {
			const before = fileReportSchema.parse(await this.#learner.post(url('/look'), { path }));
			const after = place(before.text ?? undefined, text, placing);
			if ('fault' in after) {
				return after.fault === 'no-file'
					? `the file ${path}, in which a line is to be replaced, is not there`
					: `no line of ${path} matches ${placing.mode === 'replace' ? placing.pattern : ''}`;
			}
			if (after.text !== before.text) await this.#learner.post(url(''), { path, text: after.text, mark: before.mark });
			return undefined;
		} catch (error) {
			return `the file ${path} cannot be put in place: ${error instanceof Error ? error.message : error}`;
		}
	}
}

/** From the mark "a command starts" to the mark "it has ended". */
// biome-ignore lint/suspicious/noControlCharactersInRegex: marks are made of them.
const outputMarks = /\x1b\]133;C\x07([\s\S]*?)\x1b\]133;D/g;
const printedIn = (said: string) => [...said.matchAll(outputMarks)].map(([, printed]) => printed).join('');

/** As a screen shows it: what a carriage return goes back over is not seen. */
const printedLines = (output: string) =>
	plainText(output)
		.split('\n')
		.map((line) => line.replace(/\r+$/, '').replace(/^.*\r/, ''))
		.join('\n');

/** The end of what a terminal said, for people. */
export const shown = (output: string) => plainText(output).replaceAll('\r', '').trim().slice(-outputShown);
const brief = (command: string) => (command.length > 80 ? `${command.slice(0, 80)}…` : command);
