#!/bin/bash
mkdir -p kept
cp hello.txt kept/
