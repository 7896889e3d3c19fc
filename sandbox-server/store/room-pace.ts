/** How a trainer leads their room through its time, as the store keeps it: clocks run on while the server is down. */
import type { Pace } from '../../src/shared/protocol/room-pace.ts';
import type { Row, Sqlite } from './sqlite.ts';

export interface PaceRows {
	/** Nothing in it when nothing has been said. */
	of(room: string): Pace;
	/** In place of what was. Nothing happens when there is no such room. */
	put(room: string, pace: Pace): void;
}

/** The table `room_pace`. */
export class PaceTable implements PaceRows {
	readonly #sql: Sqlite;

	constructor(sql: Sqlite) {
		this.#sql = sql;
	}

	of(room: string): Pace {
		const row = this.#sql.get('select * from room_pace where room = ?', room);
		if (!row) return {};
		return { ...part(row, 'attention'), ...part(row, 'gate'), ...part(row, 'clock') };
	}

	put(room: string, { attention, gate, clock }: Pace): void {
		this.#sql.run(
			'insert or replace into room_pace (room, attention, gate, clock) select id, ?2, ?3, ?4 from room where id = ?1',
			room,
			...[attention, gate, clock].map((one) => (one ? JSON.stringify(one) : null)),
		);
	}
}

function part(row: Row, name: keyof Pace): Pace {
	return row[name] === null ? {} : { [name]: JSON.parse(String(row[name])) };
}
