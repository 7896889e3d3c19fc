/** ttyd, a terminal in the browser with nothing around it: what a lesson's page is held against. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { which } from '../../setup/run.ts';

export class Ttyd {
	/** Of its page; each that is opened has a shell of its own. */
	readonly address: string;
	readonly #child: ChildProcess;

	private constructor(child: ChildProcess, address: string) {
		this.#child = child;
		this.address = address;
	}

	/** @throws Error when there is none on this machine */
	static find(): string {
		const program = which('ttyd');
		if (!program) throw new Error('there is no ttyd on this machine to compare with (package ttyd, which Debian 12 does not have)');
		return program;
	}

	/** @param command what runs in its pages @throws Error when there is none on this machine, or it does not start */
	static async start(command: string[]): Promise<Ttyd> {
		const program = Ttyd.find();
		const child = spawn(program, ['--port', '0', '--interface', '127.0.0.1', '--writable', '--ping-interval', '300', ...command], {
			stdio: ['ignore', 'ignore', 'pipe'],
		});
		let said = '';
		const port = await new Promise<string>((resolve, reject) => {
			child.stderr?.on('data', (text: Buffer) => {
				said = (said + text).slice(-20_000);
				const found = /Listening on port: (\d+)/.exec(said)?.[1];
				if (found !== undefined) resolve(found);
			});
			child.once('error', reject);
			child.once('exit', (code) => reject(new Error(`ttyd ended (${code}): ${said.slice(-500)}`)));
		});
		return new Ttyd(child, `http://127.0.0.1:${port}`);
	}

	async stop(): Promise<void> {
		const exit = this.#child.exitCode === null && this.#child.signalCode === null ? once(this.#child, 'exit') : undefined;
		this.#child.kill('SIGKILL');
		await exit;
	}
}
