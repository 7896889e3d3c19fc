/** Two connections as one: a proxy's work once it looks at nothing any more. */
import type { Socket } from 'node:net';

/**
 * What either says, the other is told. When one has closed, whatever the reason, the other gets what is still on its way and then closes:
 * to destroy it at once would cut the end off a long answer, whose reader is slower than its writer.
 */
export function joinSockets(one: Socket, other: Socket): void {
	one.pipe(other).pipe(one);
	end(one, other);
	end(other, one);
}

function end(closes: Socket, follows: Socket): void {
	// "close" comes after it, and is enough.
	closes.on('error', () => undefined);
	closes.once('close', () => follows.destroySoon());
}
