#!/bin/sh
rm -f order.txt breed.env
