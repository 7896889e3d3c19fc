#!/bin/sh
rm -rf bob ada.asc
