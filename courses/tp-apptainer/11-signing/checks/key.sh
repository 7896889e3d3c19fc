#!/bin/sh
. /opt/etabli/check.sh

keys=$(apptainer key list --secret 2>/dev/null) || keys=
matches "$keys" 'Fingerprint:' || fail 'Vous n’avez pas encore de clé secrète : `apptainer key newpair` en fait une.' 'You have no secret key yet: `apptainer key newpair` makes one.' hint 1
pass
