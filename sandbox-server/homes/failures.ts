/** Why homes are not kept, brought back or taken home; the messages are for the log. */

/** Packing or unpacking did not work. */
export class HomeFailed extends Error {
	override readonly name: string = 'HomeFailed';
}

/** There is no room for a home on the server's disk: no fault of its learner's. */
export class NoRoomForHome extends HomeFailed {
	override readonly name = 'NoRoomForHome';
}

/** So many archives are on their way to learners' browsers that there is no room for another. */
export class TooManyPassing extends HomeFailed {
	override readonly name = 'TooManyPassing';
}
