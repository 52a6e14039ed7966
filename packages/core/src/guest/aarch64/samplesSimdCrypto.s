// Cryptographic instructions of Armv8.2. Read by samples.test.ts.
	.arch armv8.2-a+sha3+sm4
	.text
	eor3 v1.16b, v2.16b, v30.16b, v17.16b
	bcax v31.16b, v0.16b, v4.16b, v9.16b
	rax1 v5.2d, v6.2d, v7.2d
	xar v8.2d, v29.2d, v10.2d, #0
	xar v11.2d, v12.2d, v13.2d, #63
	sha512h q14, q15, v16.2d
	sha512h2 q17, q18, v19.2d
	sha512su0 v20.2d, v21.2d
	sha512su1 v22.2d, v23.2d, v24.2d
	sm3ss1 v25.4s, v26.4s, v27.4s, v28.4s
	sm3tt1a v29.4s, v30.4s, v31.s[0]
	sm3tt1b v0.4s, v1.4s, v2.s[1]
	sm3tt2a v3.4s, v4.4s, v5.s[2]
	sm3tt2b v6.4s, v7.4s, v8.s[3]
	sm3partw1 v9.4s, v10.4s, v11.4s
	sm3partw2 v12.4s, v13.4s, v14.4s
	sm4e v15.4s, v16.4s
	sm4ekey v17.4s, v18.4s, v19.4s
