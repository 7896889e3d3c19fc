/** Why a start or a claim is given up: its learner does not want it any more. */
export class CalledOff extends Error {
	override readonly name = 'CalledOff';
}
