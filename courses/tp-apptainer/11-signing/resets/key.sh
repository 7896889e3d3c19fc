#!/bin/sh
rm -rf "$HOME/.apptainer/keys"
