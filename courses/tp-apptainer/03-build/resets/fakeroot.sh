#!/bin/bash
rm -f who.def who.sif
