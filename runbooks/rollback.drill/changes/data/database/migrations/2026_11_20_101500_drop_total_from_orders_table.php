<?php

use Illuminate\Database\Migrations\Migration;
use Illuminate\Support\Facades\DB;

return new class extends Migration
{
    public function up(): void
    {
        DB::statement('ALTER TABLE orders DROP COLUMN total');
    }

    public function down(): void
    {
        DB::statement('ALTER TABLE orders ADD COLUMN total INTEGER NOT NULL DEFAULT 0');
    }
};
