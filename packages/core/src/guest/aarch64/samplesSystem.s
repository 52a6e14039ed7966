// One of each mnemonic and form of pointer authentication and of the PSTATE and hint extensions.
// samples.test.ts assembles this and checks that each word has a row and is translated.
	.arch armv8.6-a+rng+ssbs
	.text
	.irp key, a, b
	paci\key x1, x2
	paci\key x1, sp
	pacd\key x1, x2
	auti\key x1, x2
	autd\key x1, sp
	paciz\key x1
	pacdz\key x1
	autiz\key x1
	autdz\key x1
	paci\key\()1716
	paci\key\()z
	paci\key\()sp
	auti\key\()1716
	auti\key\()z
	auti\key\()sp
	bra\key x1, x2
	bra\key x1, sp
	blra\key x1, x2
	bra\key\()z x1
	blra\key\()z x1
	reta\key
	ldra\key x1, [x2]
	ldra\key x1, [sp, #4088]
	ldra\key x1, [x2, #-4096]!
	.endr
	xpaci x1
	xpacd x1
	xpaclri
	pacga x1, x2, x3
	pacga x1, x2, sp
	bti
	bti c
	bti j
	bti jc
	dgh
	sb
	cfinv
	axflag
	xaflag
	rmif x1, #5, #3
	setf8 w1
	setf16 w1
	mrs x1, dit
	msr dit, x1
	msr dit, #1
	mrs x1, ssbs
	msr ssbs, x1
	msr ssbs, #0
	mrs x1, rndr
	mrs x1, rndrrs
	dc cvap, x1
	dc cvadp, x1
