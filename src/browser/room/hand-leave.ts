/** Whether a hand that is being raised is leave to look: only what the form said when it opened, and only as long as it is so. Pure. */
export class HandLeave {
	/** As the room is set. */
	#set = false;
	/** What goes with the hand. */
	given = false;

	/** The form opens: from now on it says so, or does not. */
	opened(): void {
		this.given = this.#set;
	}

	/**
	 * What the room says of itself.
	 * @returns whether it is another than before: the hand of a form that is open is no leave then, whatever it said
	 */
	set(handLooks: boolean): boolean {
		const other = handLooks !== this.#set;
		this.#set = handLooks;
		if (other) this.given = false;
		return other;
	}
}
