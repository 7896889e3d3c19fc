/** The server's log: `detail` for a program that reads it, `message` for a person. observability/log writes it; tests listen to it. */
export interface Log {
	info(detail: object, message: string): void;
	warn(detail: object, message: string): void;
	error(detail: object, message: string): void;
}
