/** `etabli COMMAND`: finds the command, reads its options, runs it, turns its end into words and an exit status. Imports no packages. */

import { visible } from '../../src/shared/visible.ts';
import { Failure } from '../setup/failure.ts';
import { parseArguments, unknown, usageStatus } from './arguments.ts';
import { commands } from './commands.ts';
import { commandHelp, overview } from './help.ts';

async function main(argv: readonly string[]): Promise<number> {
	const [name, ...rest] = argv;
	if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
		process.stdout.write(overview(commands));
		return name === undefined ? usageStatus : 0;
	}
	const command = commands.find((each) => each.name === name);
	if (!command)
		throw unknown(name.startsWith('-') ? 'option' : 'command', name, [...commands.map((each) => each.name), '--help'], './etabli --help');
	const args = parseArguments(rest, command.flags, name);
	if (args.help) {
		process.stdout.write(commandHelp(command));
		return 0;
	}
	const surplus = args.words[command.maxWords];
	if (surplus !== undefined)
		throw new Failure(
			`"${surplus}" is too much: ./etabli ${name} takes ${['options only', 'one word'][command.maxWords] ?? `at most ${command.maxWords} words`}.`,
			{
				hint: `./etabli ${name} --help lists its options.`,
				status: usageStatus,
			},
		);
	return (await command.load())(args);
}

try {
	process.exitCode = await main(process.argv.slice(2));
} catch (error) {
	if (error instanceof Failure) {
		process.stderr.write(`\n${visible(error.message)}\n`);
		if (error.hint) process.stderr.write(`${visible(error.hint)}\n`);
		if (error.log) process.stderr.write(`Everything that was said: ${error.log}\n`);
		process.exitCode = error.status;
	} else {
		process.stderr.write(
			`\nAn error that etabli did not expect; please report it:\n${visible(error instanceof Error ? (error.stack ?? error.message) : String(error))}\n`,
		);
		process.exitCode = 70;
	}
}
