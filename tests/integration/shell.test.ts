/** What learners do to their shell: prompts and histories of their own, shells in shells, settings, questions. Its marks go on. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { patience } from '../../sandbox-server/tools/testing/slowness.ts';
import type { Language } from '../../src/shared/language.ts';
import type { Page } from '../fixtures/page.ts';
import type { Screen } from './agent-harness.ts';
import { draw, type Machine, machine } from './shell-machine.ts';

const patient = { timeout: patience(240_000) };

/** A person at a terminal. */
class Hands {
	readonly one: Machine;
	readonly page: Page;
	readonly screen: Screen;
	constructor(one: Machine, page: Page, screen: Screen) {
		this.one = one;
		this.page = page;
		this.screen = screen;
	}

	/** Types, and waits until as many prompts as lines have come. */
	async type(...lines: string[]): Promise<void> {
		for (const line of lines) {
			const before = this.prompts;
			this.page.type(1, `${line}\r`);
			await this.page.until(() => this.prompts > before);
		}
	}

	/** Keys that end in no prompt, until the text is there. */
	async press(keys: string, shown: string): Promise<void> {
		this.page.type(1, keys);
		await this.screen.shows(shown);
	}

	async sees(pattern: RegExp): Promise<void> {
		await this.screen.until(() => pattern.test(this.screen.text()));
	}

	/** How many prompts have come and told that typing begins. One that is drawn again begins nothing. */
	get prompts(): number {
		const begun = this.output.split('\x1b]133;A;clears\x07');
		return begun.length - (begun.at(-1)?.includes('\x1b]133;B\x07') ? 1 : 2);
	}

	get output(): string {
		return this.page.output.get(1) ?? '';
	}

	/** "status command", oldest first. */
	get told(): string[] {
		return this.one.commands().map(([command, exit]) => `${exit ?? '-'} ${command}`);
	}

	async tells(...expected: string[]): Promise<void> {
		await this.page.until(() => this.told.length >= expected.length);
		assert.deepEqual(this.told, expected);
	}
}

interface Setting {
	/** Of the home, before the shell starts. */
	files?: Record<string, string>;
	language?: Language;
	zone?: string;
}

async function sitDown(t: TestContext, { files = {}, language = 'en', zone }: Setting = {}): Promise<Hands> {
	const one = await machine(t, { shellsAhead: false });
	const page = await one.visit(language);
	mkdirSync(one.home, { recursive: true });
	for (const [name, text] of Object.entries(files)) writeFileSync(join(one.home, name), text);
	const screen = await draw(page, 1, { cols: 100, rows: 40, ...(zone && { zone }) });
	const hands = new Hands(one, page, screen);
	await page.until(() => hands.prompts > 0);
	return hands;
}

test('a prompt of one’s own: every command is told all the same, with its status', patient, async (t) => {
	const hands = await sitDown(t);
	await hands.type("PS1='$ '", 'false', "PROMPT_COMMAND='echo before'", 'false', 'PROMPT_COMMAND="$PROMPT_COMMAND; echo more"', 'true');
	await hands.type('unset PROMPT_COMMAND', 'false', 'PROMPT_COMMAND=(date id)', '(exit 3)', "PS0='run '", "PS2='more '", 'set -u', 'false');
	assert.deepEqual(hands.told, [
		"0 PS1='$ '",
		'1 false',
		"0 PROMPT_COMMAND='echo before'",
		'1 false',
		'0 PROMPT_COMMAND="$PROMPT_COMMAND; echo more"',
		'0 true',
		'0 unset PROMPT_COMMAND',
		'1 false',
		'0 PROMPT_COMMAND=(date id)',
		'3 (exit 3)',
		"0 PS0='run '",
		"0 PS2='more '",
		'0 set -u',
		'1 false',
	]);
	await hands.sees(/^before$/m);
});

test('variables of one’s own prompt are one’s own', patient, async (t) => {
	const hands = await sitDown(t);
	await hands.type("PROMPT_COMMAND='status=$?'", "PS1='<$status> '", '(exit 5)');
	await hands.sees(/^<5> /m);
	assert.equal(hands.told.at(-1), '5 (exit 5)');
});

test('prompt and prompt command replaced at once: told from the next command on', patient, async (t) => {
	const hands = await sitDown(t);
	hands.page.type(1, "PS1='> ' PROMPT_COMMAND='echo mi\"\"ne'\r");
	await hands.screen.shows('mine');
	await hands.type('true', 'false');
	assert.deepEqual(hands.told.slice(-2), ['0 true', '1 false']);
});

test('tracing shows the learner’s commands and nothing of the marks', patient, async (t) => {
	const hands = await sitDown(t);
	await hands.type('set -x', 'echo seen', 'set +x');
	await hands.sees(/^\+ echo seen$/m);
	assert.doesNotMatch(hands.screen.text(), /etabli_|PROMPT_COMMAND/);
});

test('a shell in the shell tells as the first does', patient, async (t) => {
	const hands = await sitDown(t);
	await hands.type('bash', 'false', 'bash --norc', 'true', 'exit', 'exec bash', '(exit 4)', 'bash -l', 'true', 'env -u PS1 bash', 'false');
	assert.deepEqual(hands.told, [
		'- bash',
		'1 false',
		'- bash --norc',
		'0 true',
		'0 exit',
		'- exec bash',
		'4 (exit 4)',
		'- bash -l',
		'0 true',
		'- env -u PS1 bash',
		'1 false',
	]);
});

test('commands in tmux and in script are told, those programs themselves go on', patient, async (t) => {
	for (const program of ['tmux', 'script']) {
		try {
			execFileSync('which', [program]);
		} catch {
			t.skip(`this machine has no ${program}`);
			return;
		}
	}
	const hands = await sitDown(t);
	const marks = () => hands.output.split('133;C').length;
	for (const start of ['SHELL=/bin/bash tmux -f /dev/null -L etabli-$$ new', 'SHELL=/bin/bash script -q /dev/null']) {
		const [before, began] = [hands.told.length, marks()];
		hands.page.type(1, `${start}\r`);
		await hands.page.until(() => marks() > began);
		hands.page.type(1, 'cd /tmp; test "a;b" = c\r');
		await hands.page.until(() => hands.told.length === before + 1);
		assert.equal(hands.told.at(-1), '1 cd /tmp; test "a;b" = c');
		assert.equal(marks(), began + 1, 'the outer shell says nothing meanwhile');
		await hands.type('exit 0');
	}
});

test('the learner’s own ~/.bashrc is read; what it makes of prompts does not matter', patient, async (t) => {
	const files = {
		'.bashrc': "alias hello='echo from my alias'\nexport MINE=kept PATH=$HOME/bin:$PATH\nPS1='mine> '\nPROMPT_COMMAND='printf .'\n",
	};
	const hands = await sitDown(t, { files });
	await hands.type('hello', 'echo "[$MINE]"', 'false');
	await hands.sees(/^from my alias$[\s\S]*^\[kept\]$/m);
	assert.deepEqual(hands.told, ['0 hello', '0 echo "[$MINE]"', '1 false']);
	await hands.sees(/^\.?mine> $|mine>/m);
});

test('aliases of ~/.bash_aliases are read, a ~/.bashrc with a mistake leaves a shell that tells', patient, async (t) => {
	const own = await sitDown(t, { files: { '.bash_aliases': "alias hello='echo from my aliases'\n" } });
	await own.type('hello');
	await own.sees(/^from my aliases$/m);
	const mistaken = await sitDown(t, { files: { '.bashrc': "export KEPT=1\necho 'never closed\n" } });
	await mistaken.type('echo "[$KEPT]"', 'false');
	await mistaken.sees(/^\[1\]$/m);
	assert.deepEqual(mistaken.told, ['0 echo "[$KEPT]"', '1 false']);
});

test('a ~/.bashrc that ends the shell leaves the learner a shell, and a word', patient, async (t) => {
	for (const language of ['en', 'fr'] as const) {
		const hands = await sitDown(t, { files: { '.bashrc': '[ -e nothing ] || exit 1\n' }, language });
		await hands.type('true');
		assert.deepEqual(hands.told, ['0 true']);
		await hands.sees(language === 'en' ? /Your ~\/\.bashrc ends the shell/ : /Votre ~\/\.bashrc met fin au shell/);
	}
});

test('commands that the history is to leave out are told, and left out', patient, async (t) => {
	const hands = await sitDown(t);
	await hands.type('HISTCONTROL=ignoreboth', ' echo secret', 'true', 'true', 'HISTIGNORE="id*:pwd"', 'id -u', 'pwd', 'history -a');
	await hands.type('set +o history', 'false', 'set -o history', 'HISTCONTROL=', ' echo open', 'unset HISTIGNORE', 'pwd');
	assert.deepEqual(hands.told, [
		'0 HISTCONTROL=ignoreboth',
		'0 echo secret',
		'0 true',
		'0 true',
		'0 HISTIGNORE="id*:pwd"',
		'0 id -u',
		'0 pwd',
		'0 history -a',
		'0 set +o history',
		// What is kept nowhere has no words; that it ended is known.
		'1 ',
		'0 ',
		'0 HISTCONTROL=',
		'0 echo open',
		'0 unset HISTIGNORE',
		'0 pwd',
	]);
	assert.deepEqual(readFileSync(join(hands.one.home, '.bash_history'), 'utf8').split('\n'), [
		'HISTCONTROL=ignoreboth',
		'true',
		'HISTIGNORE="id*:pwd"',
		'history -a',
		'set +o history',
		'HISTCONTROL=',
		' echo open',
		'unset HISTIGNORE',
		'pwd',
		'',
	]);
});

test('settings that scripts are spoilt by spoil nothing of the marks', patient, async (t) => {
	const hands = await sitDown(t);
	const settings = ['IFS=:', 'set -f', 'set -o noclobber', 'set -o posix', 'shopt -s failglob nocasematch', 'trap "true" DEBUG'];
	settings.push("alias shopt='echo no' history='echo no' unset='echo no'", 'unalias -a', 'printf() { :; }', 'history() { :; }', 'LC_ALL=C');
	for (const setting of settings) await hands.type(setting, 'false');
	assert.deepEqual(
		hands.told,
		settings.flatMap((setting) => [`0 ${setting}`, '1 false']),
	);
});

test('whatever is done to the history, the command that ran is the one that is told', patient, async (t) => {
	const hands = await sitDown(t);
	const lines = ['HISTTIMEFORMAT="%F %T "', 'true', 'HISTCONTROL=erasedups', 'true', 'false', 'true', 'history -c', 'false'];
	lines.push('HISTFILE=/dev/null', 'false', 'HISTCONTROL=ignorespace:erasedups', 'true', 'HISTSIZE=2', 'false', 'true', 'false');
	await hands.type(...lines);
	assert.deepEqual(
		hands.told,
		lines.map((line) => `${line === 'false' ? 1 : 0} ${line}`),
	);
	await hands.type('echo a b', '^a^c');
	assert.deepEqual(hands.told.slice(-2), ['0 echo a b', '0 echo c b'], 'as bash has expanded it');
});

test('an unfinished command says that it waits for its rest', patient, async (t) => {
	const hands = await sitDown(t);
	const rest = '\x1b]133;P;k=c\x07';
	for (const unfinished of ["echo 'abc", 'cat <<END', 'for i in 1 2; do', 'echo a \\']) {
		const before = hands.output.split(rest).length;
		hands.page.type(1, `${unfinished}\r`);
		await hands.page.until(() => hands.output.split(rest).length > before);
		const prompts = hands.prompts;
		hands.page.type(1, '\x03');
		await hands.page.until(() => hands.prompts > prompts);
	}
	await hands.type('true');
	assert.deepEqual(hands.told, ['0 true']);
});

/** What a page sends ahead of a command (src/browser/terminal/terminal.ts). */
const clean = '\x07\x1b[990~';

test('a command that is typed for the learner replaces whatever readline is doing', patient, async (t) => {
	const hands = await sitDown(t, { files: { '.inputrc': 'set completion-query-items 5\n' } });
	await hands.press('ls /usr/bin/\t\t', '(y or n)');
	await hands.type(`${clean}echo yes no`);
	await hands.press('ls \x12usr', 'reverse-i-search');
	await hands.type(`${clean}echo after a search`, 'set -o vi');
	await hands.press('some text', 'some text');
	await hands.type(`\x1bhh${clean}echo any yes no`);
	await hands.press('other text', 'other text');
	await hands.type(`${clean}echo insert`, 'set -o emacs');
	await hands.press('\x1b3', 'arg: 3');
	await hands.type(`${clean}echo end`);
	assert.deepEqual(hands.told, [
		'0 echo yes no',
		'0 echo after a search',
		'0 set -o vi',
		'0 echo any yes no',
		'0 echo insert',
		'0 set -o emacs',
		'0 echo end',
	]);
});

test('no-break spaces are blanks; letters that begin with the same bytes stay what they are', patient, async (t) => {
	const hands = await sitDown(t);
	await hands.type('echo a |\u00a0cat', 'echo b\u202f| cat', 'set -o vi', 'echo\u00a0c', 'set -o emacs', 'echo «°§» ’€…');
	assert.deepEqual(hands.told, ['0 echo a | cat', '0 echo b | cat', '0 set -o vi', '0 echo c', '0 set -o emacs', '0 echo «°§» ’€…']);
});

test('é is one character, whatever locales the machine has', patient, async (t) => {
	const hands = await sitDown(t, { language: 'fr' });
	await hands.type('echo été\x7f\x7fX; touch café; ls', 'LC_ALL=C ls -b | cat');
	assert.deepEqual(hands.told[0], '0 echo éX; touch café; ls');
	await hands.sees(/^éX\ncafé$/m);
	// Letters of two columns and of four bytes, in this shell and in one that is started in it.
	await hands.type('echo 山🦆\x7fY', 'bash', 'echo œuf 山🦆\x7f\x7fZ');
	assert.deepEqual([hands.told[2], hands.told.at(-1)], ['0 echo 山Y', '0 echo œuf Z']);
});

test('the time zone is the learner’s, with a table of zones and without', patient, async (t) => {
	const hands = await sitDown(t, { zone: 'Asia/Kolkata' });
	await hands.type('date +%z', 'bash -c "date +%z"');
	await hands.sees(/^\+0530$[\s\S]*^\+0530$/m);
	const nowhere = await sitDown(t, { zone: 'Nowhere/At_All' });
	await nowhere.type('date +%z', 'env');
	await nowhere.sees(/^\+0000$/m);
	assert.doesNotMatch(nowhere.output, /ETABLI_ZONE/);
});

test('the prompt takes a third of a narrow line at most', patient, async (t) => {
	const hands = await sitDown(t);
	const long = 'overlays-instances-sharing-and-more-than-that';
	await hands.type(`mkdir -p ${long}; cd ${long}`);
	await hands.sees(/^…[\w-]{33}[#$] *$/m);
	await hands.type('cd', 'cd /');
	await hands.sees(/^~[#$] cd \/\n\/[#$]/m);
	// Deep down it is the last name alone; letters with marks are letters, and those of two columns count twice.
	await hands.type('mkdir -p ~/a/b/leçon-été; cd ~/a/b/leçon-été');
	await hands.sees(/^leçon-été[#$]/m);
	await hands.type(`mkdir -p ${'山'.repeat(30)}; cd ${'山'.repeat(30)}`);
	await hands.sees(/^…山{16}[#$]/m);
});

test('a long paste into a program that does not read yet arrives whole, and what is typed behind it too', patient, async (t) => {
	const hands = await sitDown(t);
	const lines = Array.from({ length: 60_000 }, (_, n) => `line ${n} of a long text that somebody pastes\r`).join('');
	const begun = hands.output.split('\x1b]133;C').length;
	hands.page.type(1, 'stty -echo; sleep 1; head -n 60000 > long; read -r last; stty echo\r');
	await hands.page.until(() => hands.output.split('\x1b]133;C').length > begun);
	for (let at = 0; at < lines.length; at += 60_000) hands.page.type(1, lines.slice(at, at + 60_000));
	await hands.type('the end', 'echo "$last"');
	await hands.sees(/^the end$/m);
	const pasted = readFileSync(join(hands.one.home, '01-first/long'), 'utf8');
	assert.equal(pasted.length, lines.length);
	assert.equal(pasted, lines.replaceAll('\r', '\n'));
});

test('Ctrl+C ends a program that does not read what was pasted', patient, async (t) => {
	const hands = await sitDown(t);
	const begun = hands.output.split('\x1b]133;C').length;
	hands.page.type(1, 'stty -echo; sleep 10000\r');
	await hands.page.until(() => hands.output.split('\x1b]133;C').length > begun);
	for (let times = 0; times < 10; times++) hands.page.type(1, 'pasted into nowhere\r'.repeat(3000));
	const prompts = hands.prompts;
	hands.page.type(1, '\x03');
	await hands.page.until(() => hands.prompts > prompts);
	await hands.page.until(() => hands.told.length > 0);
	await hands.type('stty echo');
	assert.deepEqual(hands.told, ['130 stty -echo; sleep 10000', '0 stty echo'], 'nothing of it has become a command');
});

test('what is done in a shell that tells nothing sets checks going all the same', patient, async (t) => {
	const hands = await sitDown(t);
	let rounds = 0;
	t.after(hands.one.service.subscribe({ commandEnded: () => rounds++ }));
	await hands.press('exec sh\r', 'exec sh');
	// What is typed before it is there may go to the shell that it replaces, and be lost with that one.
	await hands.sees(/^[#$]\s*$/m);
	hands.page.type(1, 'PS1="silent> "\r');
	await hands.sees(/^silent>/m);
	const before = rounds;
	hands.page.type(1, 'touch made\r');
	await hands.page.until(() => rounds > before);
});
