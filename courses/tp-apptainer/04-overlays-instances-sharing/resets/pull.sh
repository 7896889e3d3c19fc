#!/bin/bash
rm -f copy.sif
