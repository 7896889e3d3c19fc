/** The log: one JSON object per line, with no secret in it, and nothing that a terminal would obey. */
import { type Logger, pino } from 'pino';
import { visible } from '../../../src/shared/visible.ts';

/** Wherever one of these is logged by mistake, at the top or one level down, its value is replaced. */
const secrets = ['cookie', '["set-cookie"]', 'authorization', 'ticket', '["sec-websocket-protocol"]', 'secret'];
const paths = secrets.flatMap((name) => {
	const below = name.startsWith('[') ? name : `.${name}`;
	return [name, `*${below}`, `headers${below}`, `req.headers${below}`, `res.headers${below}`];
});

/** @param level of pino; `write` takes each line (standard output if left out) */
export function createLogger(level: string, write: (line: string) => void = (line) => void process.stdout.write(line)): Logger {
	const settings = {
		level,
		base: null,
		timestamp: pino.stdTimeFunctions.isoTime,
		redact: { paths, censor: '[hidden]' },
	};
	return pino(settings, { write: (line: string) => write(visible(line)) });
}
