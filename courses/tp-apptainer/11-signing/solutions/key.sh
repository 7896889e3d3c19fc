#!/bin/bash
apptainer key list --secret | grep -q Fingerprint || apptainer key newpair --name Ada --email ada@example.org --comment TP --password '' --push=false
apptainer key list
