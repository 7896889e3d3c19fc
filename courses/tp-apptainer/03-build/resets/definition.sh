#!/bin/bash
rm -rf lolcow.def lolcow.sif
